/** Shows the list of policies: trouble first, then by name. It updates rows in place, so that a thousand stay usable. */
import { h, setText, spark, sparkPath } from './dom.js';
import { ago, duration, health } from './format.js';
import { onChange, policies } from './store.js';

export function listPage(main) {
  const rows = new Map();
  const list = h('ul', { class: 'rows', 'aria-label': 'policies' });
  const count = h('span', { class: 'dim', role: 'status' });
  const filter = h('input', {
    id: 'filter',
    type: 'search',
    placeholder: 'Filter by name  ( / )',
    'aria-label': 'filter by name',
    oninput: () => order(),
  });
  const head = ['policy', 'workers', 'queue', 'oldest', 'visible', 'last decision'].map((t) => h('span', {}, t));
  main.append(
    h('div', { class: 'bar' }, h('h1', { class: 'grow' }, 'Policies'), count, filter),
    h('div', { class: 'row head', 'aria-hidden': 'true' }, head),
    list,
  );

  function order() {
    const wanted = filter.value.trim().toLowerCase();
    const shown = [...rows.values()].filter((row) => row.name.toLowerCase().includes(wanted));
    shown.sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name, undefined, { numeric: true }));
    const items = shown.map((row) => row.item);
    // Only when the order has changed: moving a row would take the focus from it.
    if (items.length !== list.children.length || items.some((item, i) => list.children[i] !== item))
      list.replaceChildren(...items);
    setText(count, rows.size === 0 ? '' : `${shown.length} of ${rows.size}`);
    if (rows.size === 0)
      list.replaceChildren(h('li', {}, h('p', { class: 'row' }, 'No policy yet. Store one: sluice policy apply FILE')));
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

function makeRow(name) {
  const dot = h('i', { class: 'dot', 'aria-hidden': 'true' });
  const state = h('small', {});
  const version = h('small', { class: 'dim' });
  const workers = h('span', { class: 'num' });
  const queue = h('span', { class: 'num' });
  const oldest = h('span', { class: 'num age' });
  const line = spark([], `visible messages of ${name}, lately`);
  const why = h('span', { class: 'why' });
  const link = h(
    'a',
    { class: 'row', href: `#/p/${encodeURIComponent(name)}` },
    h('span', {}, dot, h('span', { class: 'name' }, name), ' ', version, ' ', state),
    workers,
    queue,
    oldest,
    line,
    why,
  );
  const row = { name, rank: 9, item: h('li', {}, link), at: undefined, summary: '' };
  row.age = () => setText(why, row.at === undefined ? row.summary : `${ago(row.at)}: ${row.summary}`);
  row.update = (p) => {
    const { word, kind, rank } = health(p);
    row.rank = rank;
    row.at = p.at;
    row.summary = p.alerts[0] ? `${p.alerts[0].name}: ${p.alerts[0].message}` : (p.summary ?? '');
    dot.className = `dot ${kind}`;
    state.className = kind;
    setText(state, word === 'well' ? '' : word);
    setText(version, `@${p.generation}`);
    const w = p.workers;
    setText(workers, w ? `${w.running}/${w.desired}${w.pending ? ` +${w.pending}` : ''}` : '?');
    setText(queue, p.queue ? `${p.queue.visible} + ${p.queue.inFlight}` : '?');
    setText(oldest, p.oldestAge ? `${p.oldestAge.estimated ? '~' : ''}${duration(p.oldestAge.seconds * 1000)}` : '');
    line.firstChild.setAttribute('d', sparkPath(p.spark ?? []));
    link.setAttribute(
      'aria-label',
      `${name}, ${word}, ${w ? `${w.running} of ${w.desired} workers` : 'workers unknown'}, ${p.queue ? `${p.queue.visible} messages visible` : 'queue unknown'}`,
    );
    row.age();
  };
  return row;
}
