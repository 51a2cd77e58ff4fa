/** The numbers of a policy's service and queue, side by side. */
import { h, setText } from './dom.js';
import { duration } from './format.js';

const KEYS = ['running', 'desired', 'pending', 'visible', 'in flight', 'oldest'];

export function facts() {
  const values = Object.fromEntries(KEYS.map((key) => [key, h('b', {}, '-')]));
  const element = h(
    'div',
    { class: 'facts' },
    Object.entries(values).map(([key, value]) => h('div', { class: 'fact' }, value, h('span', {}, key))),
  );
  return {
    element,
    show({ workers, queue, oldestAge }) {
      for (const key of ['running', 'desired', 'pending']) setText(values[key], workers ? String(workers[key]) : '?');
      setText(values.visible, queue ? String(queue.visible) : '?');
      setText(values['in flight'], queue ? String(queue.inFlight) : '?');
      setText(
        values.oldest,
        oldestAge ? `${oldestAge.estimated ? '~' : ''}${duration(oldestAge.seconds * 1000)}` : '-',
      );
    },
  };
}
