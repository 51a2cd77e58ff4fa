/** Shows the list of policies. It updates rows in place, so that a thousand stay usable. */
import { rankOf, STATES } from './badges.js';
import { h, option, setText } from './dom.js';
import { makeRow } from './row.js';
import { onChange, policies } from './store.js';

const byName = (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true });
const most = (pick) => (a, b) => (pick(b.p) ?? -1) - (pick(a.p) ?? -1) || byName(a, b);

const SORTS = {
  'trouble first': (a, b) => a.rank - b.rank || byName(a, b),
  name: byName,
  'most workers': most((p) => p.workers?.running),
  'most messages': most((p) => p.queue?.visible),
  'oldest message': most((p) => p.oldestAge?.seconds),
  'latest decision': most((p) => p.at),
};
const EMPTY = 'No policy is stored yet. Store one: sluice policy apply FILE. Sluice shows it here within seconds.';

/** `query`: the search part of the address, which holds the filter, so that a view of the list can be sent to others. */
export function listPage(main, { query }) {
  const rows = new Map();
  const list = h('ul', { class: 'rows', 'aria-label': 'policies' });
  const count = h('span', { class: 'dim', role: 'status' });
  const filter = h('input', {
    type: 'search',
    'data-filter': '',
    placeholder: 'Filter by name  ( / )',
    'aria-label': 'filter by name',
    oninput: () => chosen(),
  });
  const state = h(
    'select',
    { 'aria-label': 'filter by state', onchange: () => chosen() },
    Object.keys(STATES).map(option),
  );
  const sort = h('select', { 'aria-label': 'sort by', onchange: () => chosen() }, Object.keys(SORTS).map(option));
  filter.value = query.get('name') ?? '';
  state.value = query.get('state') in STATES ? query.get('state') : 'all states';
  sort.value = query.get('sort') in SORTS ? query.get('sort') : 'trouble first';
  const note = h('p', { class: 'empty', hidden: true });
  const head = ['policy', 'workers', 'queue', 'oldest', 'visible', 'last decision'].map((t) => h('span', {}, t));
  main.append(
    h('div', { class: 'bar' }, h('h1', { class: 'grow' }, 'Policies'), count, filter, state, sort),
    h('div', { class: 'row head', 'aria-hidden': 'true' }, head),
    list,
    note,
  );

  function chosen() {
    const kept = new URLSearchParams();
    if (filter.value) kept.set('name', filter.value);
    if (state.selectedIndex > 0) kept.set('state', state.value);
    if (sort.selectedIndex > 0) kept.set('sort', sort.value);
    // Replaced, not visited: each letter would be a step of the browser's way back.
    history.replaceState(null, '', kept.size > 0 ? `#/?${kept}` : '#/');
    order();
  }

  function order() {
    const wanted = filter.value.trim().toLowerCase();
    const matches = STATES[state.value];
    const shown = [...rows.values()].filter((row) => row.name.toLowerCase().includes(wanted) && matches(row.p));
    shown.sort(SORTS[sort.value]);
    const items = shown.map((row) => row.item);
    // Only when the order has changed: moving a row would take the focus from it.
    if (items.length !== list.children.length || items.some((item, i) => list.children[i] !== item))
      list.replaceChildren(...items);
    setText(count, rows.size === 0 ? '' : `${shown.length} of ${rows.size}`);
    list.hidden = shown.length === 0;
    note.hidden = shown.length > 0;
    setText(note, rows.size === 0 ? EMPTY : 'No policy matches. Clear the filter, or choose "all states".');
  }

  function update(names) {
    for (const name of names) {
      const p = policies.get(name);
      if (!p) continue;
      let row = rows.get(name);
      if (!row) {
        row = makeRow(name);
        rows.set(name, row);
      }
      row.p = p;
      row.rank = rankOf(p);
      row.update(p);
    }
    order();
  }

  update(policies.keys());
  const unsubscribe = onChange(({ policies: changed, deleted }) => {
    for (const name of deleted) rows.delete(name);
    update(changed);
  });
  const clock = setInterval(() => {
    for (const row of rows.values()) row.age();
  }, 5000);
  return () => {
    unsubscribe();
    clearInterval(clock);
  };
}
