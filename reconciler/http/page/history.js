/**
 * One history of a policy, newest first: decisions, edits, experiments, alerts, changes by others, restarts. Edits come from
 * SSM, experiments and the last scalings from the status: these survive a restart of Sluice.
 */
import { diffLines } from './diff.js';
import { h, option, setText } from './dom.js';
import { itemOf } from './history-item.js';
import { addressOf } from './route.js';
import { get } from './store.js';

const KEPT = 500;
const KINDS = {
  'all kinds': () => true,
  decisions: (e) => e.kind === 'decision',
  'changes of the count': (e) => e.kind === 'decision' && e.moves,
  edits: (e) => e.kind === 'edit',
  experiments: (e) => e.kind === 'experiment' || e.chaos !== undefined,
  alerts: (e) => e.kind === 'alert',
  'changes by others': (e) => e.kind === 'elsewhere',
  restarts: (e) => e.kind === 'restart',
};

/** `name` is the policy, `at` a time to open. `rollback(version)` begins a rollback. */
export function historySection(parent, path, { name, at, rollback, marks }) {
  const list = h('ol', { class: 'timeline', 'aria-label': 'history, newest first', onkeydown: (e) => arrows(e) });
  const kind = h('select', { 'aria-label': 'kind of entry', onchange: () => filter() }, Object.keys(KINDS).map(option));
  const search = h('input', {
    type: 'search',
    'data-filter': '',
    placeholder: 'Search  ( / )',
    'aria-label': 'search the history',
    oninput: () => filter(),
  });
  const note = h('p', { class: 'dim', role: 'status' });
  const bar = h('div', { class: 'bar' }, h('h2', { class: 'grow' }, 'History'), kind, search);
  parent.append(h('section', { 'aria-label': 'history' }, bar, note, list));
  /** By key, so that an entry that comes twice stands once. */
  const entries = new Map();
  let wanted = at;

  function put(fresh, flash = false) {
    for (const e of fresh) {
      if (entries.has(e.key)) continue;
      const link = addressOf({ policy: name, at: e.at });
      entries.set(e.key, { ...e, item: itemOf(e, { path, link, flash, rollback }) });
    }
    const sorted = [...entries.values()].sort((a, b) => b.at - a.at || b.order - a.order);
    for (const old of sorted.splice(KEPT)) entries.delete(old.key);
    // The few that are new are put in; the others stay where they are, with their focus.
    sorted.forEach((e, i) => {
      if (list.children[i] !== e.item) list.insertBefore(e.item, list.children[i] ?? null);
    });
    while (list.children.length > sorted.length) list.lastChild.remove();
    filter();
    marks([...entries.values()]);
    if (wanted !== undefined) reveal(wanted);
  }

  function filter() {
    const words = search.value.trim().toLowerCase();
    let shown = 0;
    for (const e of entries.values()) {
      e.item.hidden = !(KINDS[kind.value](e) && e.item.textContent.toLowerCase().includes(words));
      if (!e.item.hidden) shown++;
    }
    setText(
      note,
      shown > 0
        ? ''
        : entries.size > 0
          ? 'No entry matches. Clear the search, or choose "all kinds".'
          : 'nothing has happened yet',
    );
  }

  /** Opens the entry of a time, or the last one before it. */
  function reveal(time) {
    const sorted = [...entries.values()].sort((a, b) => b.at - a.at);
    const found = sorted.find((e) => Math.abs(e.at - time) < 1) ?? sorted.find((e) => e.at <= time + 999);
    if (!found) return;
    wanted = undefined;
    found.item.hidden = false;
    const details = found.item.querySelector('details');
    if (details) details.open = true;
    found.item.scrollIntoView({ block: 'center' });
    found.item.querySelector('summary')?.focus({ preventScroll: true });
  }

  function arrows(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const item = event.target.closest('li');
    if (step === undefined || event.target.tagName !== 'SUMMARY' || !item) return;
    let next = step > 0 ? item.nextElementSibling : item.previousElementSibling;
    while (next?.hidden) next = step > 0 ? next.nextElementSibling : next.previousElementSibling;
    if (!next) return;
    event.preventDefault();
    next.querySelector('summary').focus();
  }

  const add = (lines, flash) => put(lines.flatMap(entriesOf), flash);
  get(`${path}/timeline`)
    .then(({ entries: lines }) => add(lines, false))
    .catch((error) => setText(note, error.message));
  async function edits() {
    try {
      const { versions } = await get(`${path}/versions`);
      put(versions.filter((v) => v.modified > 0).map((v, i) => editOf(v, versions[i + 1])));
    } catch {
      // The document's section says why versions cannot be read.
    }
  }
  edits();
  return {
    add: (lines) => add(lines, true),
    edits,
    reveal(time) {
      wanted = time;
      reveal(time);
    },
    /** Adds what the status kept: ended experiments, the last scalings before this start, and the start itself. */
    show({ experiments: { reports }, started, lastScaleUp, lastScaleDown }) {
      const scalings = [lastScaleUp, lastScaleDown].filter((s) => s && s.at < started);
      put([
        { kind: 'restart', key: `restart ${started}`, at: started, order: 0, text: 'this reconciler started' },
        ...scalings.map(({ at: when, from, to }) => ({
          ...{ kind: 'decision', key: `scale ${when}`, at: when, order: 1, moves: true },
          text: `${from} \u2192 ${to} workers, before the reconciler started; the log has the reasons`,
        })),
        ...reports.filter((r) => r.endedAt !== undefined).map(reportOf),
      ]);
    },
  };
}

/** Returns the entries of one line of the timeline: the decision, and what happened with it. */
function entriesOf(line) {
  const { id, at, alerts, changedElsewhere } = line;
  const moves = line.current !== undefined && line.desired !== undefined && line.current !== line.desired;
  return [
    { ...line, kind: 'decision', key: `decision ${id}`, order: 2, moves },
    ...(changedElsewhere
      ? [
          {
            kind: 'elsewhere',
            key: `elsewhere ${id}`,
            at: changedElsewhere.at ?? at,
            from: changedElsewhere.from,
            to: changedElsewhere.to,
            order: 3,
            text: `somebody else changed the desired count: ${changedElsewhere.from} \u2192 ${changedElsewhere.to}`,
          },
        ]
      : []),
    ...(alerts?.fired ?? []).map((a) => ({
      kind: 'alert',
      key: `alert ${a.name} ${id}`,
      at,
      order: 4,
      bad: a.severity === 'critical',
      text: `alert ${a.name} fires: ${a.message}`,
    })),
    ...(alerts?.ended ?? []).map((alert) => ({
      kind: 'alert',
      key: `calm ${alert} ${id}`,
      at,
      order: 4,
      text: `alert ${alert} ended`,
    })),
  ];
}

function editOf({ version, modified, user, text, description }, older) {
  const lines = older ? diffLines(older.text, text) : [];
  const count = (kind) => lines.filter((l) => l.kind === kind).length;
  return {
    ...{ kind: 'edit', key: `edit ${version} ${modified}`, at: modified, order: 5, version },
    text: `version ${version}${older ? `, +${count('added')} -${count('removed')} lines` : ''}${user ? `, by ${user.split('/').at(-1)}` : ''}${description ? `: ${description}` : ''}`,
    lines: lines.filter((l) => l.kind !== 'same'),
  };
}

const reportOf = (r) => ({
  ...{ kind: 'experiment', key: `experiment ${r.id}`, at: r.endedAt, order: 6, bad: r.verdict === 'failed' },
  text: `experiment ${r.experiment} ${r.verdict}${r.timeToRecover === undefined ? '' : `, recovered in ${r.timeToRecover} s`}: ${r.summary}`,
});
