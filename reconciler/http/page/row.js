/** One row of the list: name, badges, numbers, and the last decision. */
import { editBadge, healthBadges, limitBadge } from './badges.js';
import { h, setText, spark, sparkPath } from './dom.js';
import { ago, duration, said } from './format.js';

/** A number with its name, which is shown where there is no head of columns, and read aloud everywhere. */
function cell(label, name) {
  const value = h('span', {});
  return { value, element: h('span', { class: `num ${name}` }, h('span', { class: 'label' }, `${label} `), value) };
}

export function makeRow(name) {
  const dot = h('i', { class: 'dot', 'aria-hidden': 'true' });
  const version = h('small', { class: 'dim' });
  const badges = h('span', { class: 'badges' });
  const workers = cell('workers', 'workers');
  const queue = cell('queue', 'queue');
  const oldest = cell('oldest', 'age');
  const line = spark([], `visible messages of ${name}, lately`);
  const why = h('span', { class: 'why' });
  const item = h(
    'li',
    { class: 'row' },
    h(
      'span',
      { class: 'who' },
      dot,
      h('a', { class: 'name', href: `#/p/${encodeURIComponent(name)}` }, name),
      ' ',
      version,
      ' ',
      badges,
    ),
    workers.element,
    queue.element,
    oldest.element,
    line,
    why,
  );
  const row = { name, rank: 9, item, at: undefined, summary: '' };
  row.age = () => setText(why, row.at === undefined ? row.summary : `${ago(row.at)}: ${row.summary}`);
  row.update = (p) => {
    const health = healthBadges(p);
    row.at = p.at;
    row.summary = p.summary === undefined ? 'not evaluated yet' : said(p);
    dot.className = `dot ${p.refused ? 'bad' : health[0].kind}`;
    showBadges(badges, worthALook(p, health));
    setText(version, p.generation > 0 ? `@${p.generation}` : '');
    const w = p.workers;
    setText(workers.value, w ? `${w.running}/${w.desired}${w.pending ? ` +${w.pending}` : ''}` : 'not read');
    setText(queue.value, p.queue ? `${p.queue.visible} + ${p.queue.inFlight}` : 'not read');
    setText(
      oldest.value,
      p.oldestAge ? `${p.oldestAge.estimated ? '~' : ''}${duration(p.oldestAge.seconds * 1000)}` : '-',
    );
    line.firstChild.setAttribute('d', sparkPath(p.spark ?? []));
    row.age();
  };
  return row;
}

/** In the list a badge is shown only when it says something: edit refused, any concern of health, a limit. */
function worthALook(p, health) {
  const edit = editBadge(p);
  return [
    ...(edit.kind === 'bad' ? [edit] : []),
    ...health.filter((b) => b.word !== 'well'),
    ...[limitBadge(p)].filter((b) => b.kind === 'warn'),
  ];
}

/** Replaces badges only when one has changed. */
export function showBadges(holder, badges) {
  const key = JSON.stringify(badges);
  if (holder.dataset.key === key) return;
  holder.dataset.key = key;
  holder.replaceChildren(
    ...badges.map(({ word, kind, title }) => h('span', { class: `tag ${kind}`, title: title || undefined }, word)),
  );
}
