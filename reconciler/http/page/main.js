/** Starts the page and routes: #/ is the list, #/p/NAME a policy. */
import { h } from './dom.js';
import { listPage } from './list.js';
import { policyPage } from './policy.js';
import { connect } from './store.js';

const main = document.getElementById('main');
const crumbs = document.getElementById('crumbs');
const link = document.getElementById('link');
let leave = () => {};

const WORDS = { connecting: 'connecting', live: 'live', lost: 'connection lost; the page tries again by itself' };
function say(state) {
  link.className = `link ${state}`;
  link.textContent = WORDS[state];
}

function route() {
  leave();
  const name = /^#\/p\/(.+)$/.exec(location.hash)?.[1];
  main.replaceChildren();
  if (name === undefined) {
    crumbs.replaceChildren();
    document.title = 'Sluice';
    leave = listPage(main);
  } else {
    const policy = decodeURIComponent(name);
    crumbs.replaceChildren(h('a', { href: '#/' }, 'policies'), ' / ', h('span', { 'aria-current': 'page' }, policy));
    document.title = `${policy} - Sluice`;
    leave = policyPage(main, policy);
  }
  if (document.activeElement === document.body || document.activeElement?.closest('main') === null) main.focus();
}

addEventListener('hashchange', route);
addEventListener('keydown', (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '');
  if (event.key === 'Escape' && location.hash.startsWith('#/p/') && !typing) location.hash = '#/';
  if (event.key === '/' && !typing) {
    const filter = document.getElementById('filter');
    if (filter) {
      event.preventDefault();
      filter.focus();
    }
  }
});
say('connecting');
connect(say);
route();
