import { h } from './dom.js';
import { token } from './store.js';

/** Returns a field for the bearer token, which stays in this tab. `given` is called after each change. */
export function tokenField(given = () => {}) {
  const input = h('input', {
    type: 'password',
    autocomplete: 'off',
    'aria-label': 'bearer token',
    placeholder: 'bearer token, to write',
    onchange: () => {
      token.set(input.value);
      given();
    },
  });
  input.value = token.get();
  return h('span', {}, input);
}
