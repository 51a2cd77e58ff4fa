/** Shows two charts on one time axis: the queue above, the workers below. A drag zooms, and the address holds the range. */
import { HEIGHT_PX, plot } from './chart-plot.js';
import { h } from './dom.js';
import { duration, fullTime } from './format.js';
import { addressOf } from './route.js';
import { get } from './store.js';

const RANGES = { '5 min': 300, '30 min': 1800, '6 h': 21600 };
const NAMES = ['visible', 'inFlight', 'age', 'desired', 'running', 'pending'];
const KEYS = {
  visible: 'visible',
  inFlight: 'in flight',
  age: 'oldest (s)',
  desired: 'desired',
  running: 'running',
  pending: 'pending',
  fault: 'experiment',
  edit: 'edit',
  elsewhere: 'changed by others',
};
const KEPT_S = 21600;
const REDRAW_MS = 500;
const LEAST_SPAN_S = 60;

/** `place` holds the policy's name, and a range of the address. */
export function charts(main, path, place) {
  const name = place.policy;
  const columns = { at: [], ...Object.fromEntries(NAMES.map((n) => [n, []])) };
  let windows = [];
  let marks = [];
  let bounds;
  let range = 300;
  /** A range of the past, { from, to } in epoch milliseconds; undefined follows the clock. */
  let fixed = place.range;
  let plots = [];
  let loaded = false;
  let due;

  const label = h('p', { class: 'unseen' });
  const top = h('div', { class: 'chart', role: 'img' });
  const bottom = h('div', { class: 'chart', role: 'img' });
  const buttons = Object.entries(RANGES).map(([text, seconds]) =>
    h(
      'button',
      { type: 'button', 'aria-pressed': String(seconds === range), onclick: (e) => choose(seconds, e.currentTarget) },
      text,
    ),
  );
  const now = h('button', { type: 'button', hidden: true, onclick: () => go(undefined) }, 'Back to now');
  const hint = h('p', { class: 'dim' }, 'Drag over a chart to look closer; the address then holds the time range.');
  const legend = (names) =>
    h(
      'div',
      { class: 'legend' },
      names.map((n) => h('span', { class: `key-${n}` }, h('i', {}), KEYS[n])),
    );
  main.append(
    h(
      'section',
      { 'aria-label': 'charts' },
      h('div', { class: 'bar' }, h('h2', { class: 'grow' }, 'Queue and workers'), now, buttons),
      legend(['visible', 'inFlight', 'age', 'fault']),
      top,
      legend(['desired', 'running', 'pending', 'edit', 'elsewhere']),
      bottom,
      hint,
      label,
    ),
  );

  const go = (next) => {
    location.hash = addressOf({ policy: name, range: next });
  };

  function choose(seconds, button) {
    range = seconds;
    for (const b of buttons) b.setAttribute('aria-pressed', String(b === button));
    if (fixed) go(undefined);
    else redraw();
  }

  /** Returns the chosen time up to now, or less when the history is shorter. */
  function span() {
    if (fixed) return [fixed.from / 1000, fixed.to / 1000];
    const now = Date.now() / 1000;
    const first = columns.at[0] ?? now;
    return [Math.max(now - range, Math.min(first, now - LEAST_SPAN_S)), now];
  }

  const make = (holder, names, unit, right) =>
    plot(holder, {
      ...{ names, labels: KEYS, unit, right, span, data: data(names) },
      windows: () => windows,
      marks: () => marks,
      bounds: () => (right ? undefined : bounds),
      picked: (from, to) => go({ from: Math.round(1000 * from), to: Math.round(1000 * to) }),
    });

  function data(names) {
    const [first, last] = span();
    const from = first - (last - first) * 0.05;
    const start = columns.at.findIndex((t) => t >= from);
    const end = fixed ? columns.at.findLastIndex((t) => t <= last) + 2 : undefined;
    const cut = (list) => (start < 0 ? [] : list.slice(start, end));
    return [cut(columns.at), ...names.map((n) => cut(columns[n]))];
  }

  const UPPER = ['visible', 'inFlight', 'age'];
  const LOWER = ['desired', 'running', 'pending'];
  function build() {
    for (const plot of plots) plot.destroy();
    plots = [make(top, UPPER, 'messages', { name: 'age', unit: 'seconds' }), make(bottom, LOWER, 'workers')];
  }
  function redraw() {
    clearTimeout(due);
    due = undefined;
    now.hidden = fixed === undefined;
    if (plots.length === 0) return;
    plots[0].setData(data(UPPER));
    plots[1].setData(data(LOWER));
    const last = columns.at.length - 1;
    const text =
      last < 0
        ? 'no history yet'
        : `now ${columns.visible[last] ?? 'unknown'} visible messages and ${columns.running[last] ?? 'unknown'} of ${columns.desired[last] ?? 'unknown'} workers; shown: ${fixed ? `${fullTime(fixed.from)} to ${fullTime(fixed.to)}` : `the last ${duration(range * 1000)}`}`;
    top.setAttribute('aria-label', `chart of the queue: ${text}`);
    bottom.setAttribute('aria-label', `chart of the workers: ${text}`);
  }
  const soon = () => {
    due ??= setTimeout(redraw, REDRAW_MS);
  };

  const resize = new ResizeObserver(() => {
    for (const [plot, holder] of plots.map((p, i) => [p, [top, bottom][i]]))
      plot.setSize({ width: holder.clientWidth, height: HEIGHT_PX });
  });
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', build);

  get(`${path}/history`)
    .then((given) => {
      for (const name of ['at', ...NAMES])
        columns[name] = [
          ...(given[name] ?? []),
          ...columns[name].filter((_, i) => columns.at[i] > (given.at.at(-1) ?? 0)),
        ];
      loaded = true;
      build();
      redraw();
      resize.observe(top);
    })
    .catch(() => {});
  const timer = setInterval(soon, 1000);
  for (const holder of [top, bottom]) holder.addEventListener('dblclick', () => go(undefined));
  return {
    /** Follows the address: a range of the past, or the clock. */
    range(next) {
      fixed = next;
      redraw();
    },
    /** Marks the entries of the history: changes of the count, edits, changes by others. */
    flag(entries) {
      marks = entries
        .filter((e) => e.kind === 'edit' || e.kind === 'elsewhere' || (e.kind === 'decision' && e.moves && e.acted))
        .map((e) => ({ at: e.at / 1000, kind: e.kind, up: (e.desired ?? e.to) > (e.current ?? e.from) }));
      soon();
    },
    add(p) {
      if (p.at === undefined || columns.at.at(-1) >= p.at / 1000) return;
      columns.at.push(p.at / 1000);
      const values = {
        visible: p.queue?.visible,
        inFlight: p.queue?.inFlight,
        age: p.oldestAge?.seconds,
        desired: p.workers?.desired,
        running: p.workers?.running,
        pending: p.workers?.pending,
      };
      for (const name of NAMES) columns[name].push(values[name] ?? null);
      while (columns.at.length > 0 && columns.at[0] < p.at / 1000 - KEPT_S)
        for (const name of ['at', ...NAMES]) columns[name].shift();
      if (loaded) soon();
    },
    /** Shades the times of experiments: from the injection to the fault's end. A running one has no end yet. */
    mark({ experiments: { list, reports }, bounds: given }) {
      bounds = given;
      const window = (r) => [
        (r.injectedAt ?? r.startedAt) / 1000,
        r.endedAt === undefined ? undefined : r.endedAt / 1000,
      ];
      windows = [...reports, ...list.flatMap((e) => e.running ?? [])].map(window);
      soon();
    },
    destroy() {
      clearInterval(timer);
      clearTimeout(due);
      resize.disconnect();
      scheme.removeEventListener('change', build);
      for (const plot of plots) plot.destroy();
    },
  };
}
