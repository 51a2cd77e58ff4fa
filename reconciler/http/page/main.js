/** Starts the page and routes: #/ is the list, #/p/NAME a policy, #/p/NAME/at/TIME one entry of its history. */
import { h } from './dom.js';
import { header } from './header.js';
import { listPage } from './list.js';
import { policyPage } from './policy.js';
import { placeOf } from './route.js';
import { connect } from './store.js';

const main = document.getElementById('main');
const crumbs = document.getElementById('crumbs');
const { say, lead } = header();
let here = {};
let leave = () => {};
let move = () => false;

function route() {
  const place = placeOf(location.hash);
  // Within one policy the page stays as it is, and only moves to the entry or the time range.
  if (place.policy !== undefined && place.policy === here.policy && move(place)) {
    here = place;
    return;
  }
  leave();
  here = place;
  main.replaceChildren();
  if (place.policy === undefined) {
    crumbs.replaceChildren();
    document.title = 'Sluice';
    leave = listPage(main, place);
    move = () => false;
  } else {
    crumbs.replaceChildren(
      h('a', { href: '#/' }, 'policies'),
      ' / ',
      h('span', { 'aria-current': 'page' }, place.policy),
    );
    document.title = `${place.policy} - Sluice`;
    ({ leave, move } = policyPage(main, place));
  }
  scrollTo(0, 0);
  if (document.activeElement === document.body || document.activeElement?.closest('main') === null)
    main.focus({ preventScroll: true });
}

/** The element with the focus, also inside the editor's shadow. */
const focused = () => document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
const isTyping = () =>
  /^(INPUT|SELECT|TEXTAREA)$/.test(focused()?.tagName ?? '') ||
  focused()?.isContentEditable ||
  document.querySelector('dialog[open]');

// The address is the route, so that the link must not change it.
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener('hashchange', route);
addEventListener('keydown', (event) => {
  if (isTyping()) return;
  if (event.key === 'Escape' && here.policy !== undefined) location.hash = '#/';
  const filter = event.key === '/' ? document.querySelector('[data-filter]') : undefined;
  if (filter) {
    event.preventDefault();
    filter.focus();
  }
});
connect(say, lead);
route();
