/** Shows the decisions, newest first; each opens into its chain of reasons. */
import { h } from './dom.js';
import { fullTime, outcomeClass, said, time } from './format.js';
import { reasons } from './reasons.js';
import { get } from './store.js';

const KEPT = 200;

export function timelineSection(parent, path) {
  const list = h('ol', { class: 'timeline', 'aria-label': 'decisions, newest first' });
  const section = h('section', {}, h('h2', {}, 'Decisions'), list);
  const known = new Set();
  parent.append(section);

  function add(entries, fresh) {
    const items = [...entries].sort((a, b) => b.id - a.id).filter((e) => !known.has(e.id));
    for (const e of items) known.add(e.id);
    list.prepend(...items.map((e) => item(e, path, fresh)));
    while (list.children.length > KEPT) list.lastChild.remove();
    if (list.children.length === 0) list.append(h('li', { class: 'dim' }, 'no decision yet'));
  }

  get(`${path}/timeline`)
    .then(({ entries }) => add(entries, false))
    .catch(() => {});
  return { add: (entries) => add(entries, true) };
}

function item(entry, path, fresh) {
  const details = h(
    'details',
    { 'data-entry': entry.id, ontoggle: () => details.open && open(details, entry, path) },
    h(
      'summary',
      {},
      h(
        'time',
        { class: 'num dim', datetime: new Date(entry.at).toISOString(), title: fullTime(entry.at) },
        time(entry.at),
      ),
      h('span', { class: outcomeClass(entry.outcome) }, counts(entry)),
      h(
        'span',
        { class: 'why' },
        entry.failed ? h('b', { class: 'bad' }, 'failed: ') : null,
        chaosWords(entry),
        said(entry),
      ),
    ),
  );
  return h('li', { class: fresh ? 'flash' : '' }, details);
}

function counts({ outcome, mode, current, desired }) {
  return current !== undefined && desired !== undefined && current !== desired
    ? `${mode === 'observe' ? 'would ' : ''}${current} \u2192 ${desired}`
    : outcome;
}

function chaosWords({ chaos }) {
  if (!chaos) return null;
  const words = [
    ...chaos.started.map((name) => `experiment ${name} starts; `),
    ...chaos.ended.map(({ experiment, verdict }) => `experiment ${experiment} ${verdict}; `),
    ...chaos.skipped.map(({ experiment, precondition }) => `experiment ${experiment} skipped: ${precondition}; `),
  ];
  return words.length > 0 ? h('b', { class: 'warn' }, ...words) : null;
}

async function open(details, entry, path) {
  if (details.children.length > 1) return;
  const holder = h('div', { class: 'reasons' }, 'loading');
  details.append(holder);
  try {
    holder.replaceChildren(reasons(await get(`${path}/timeline/${entry.id}`)));
  } catch (error) {
    holder.replaceChildren(h('p', { class: 'dim' }, error.message));
  }
}
