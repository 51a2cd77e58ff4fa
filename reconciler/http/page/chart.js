/** Draws two charts on one time axis: the queue above, the workers below; experiments shaded, changes of count marked. */
import { h } from './dom.js';
import { axisTime, duration } from './format.js';
import { get } from './store.js';
import uPlot from './vendor/uplot.js';

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
};
const KEPT_S = 21600;
const REDRAW_MS = 500;
const LEAST_SPAN_S = 60;
const AXIS_PX = 46;

export function charts(main, path) {
  const columns = { at: [], ...Object.fromEntries(NAMES.map((n) => [n, []])) };
  let windows = [];
  let marks = [];
  let range = 300;
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
  const legend = (names) =>
    h(
      'div',
      { class: 'legend' },
      names.map((n) => h('span', { class: `key-${n}` }, h('i', {}), KEYS[n])),
    );
  main.append(
    h(
      'section',
      { 'aria-label': 'history' },
      h('div', { class: 'bar' }, h('h2', { class: 'grow' }, 'Queue and workers'), buttons),
      legend(['visible', 'inFlight', 'age', 'fault']),
      top,
      legend(['desired', 'running', 'pending']),
      bottom,
      label,
    ),
  );

  function choose(seconds, button) {
    range = seconds;
    for (const b of buttons) b.setAttribute('aria-pressed', String(b === button));
    redraw();
  }

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  /** light-dark() and the like are resolved by asking an element for its color. */
  function color(name) {
    const probe = h('i', {});
    probe.style.color = css(name);
    document.body.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  function shade(u) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.fillStyle = color('fault');
    for (const [from, to] of windows) {
      const x = Math.max(bbox.left, u.valToPos(from, 'x', true));
      const end = Math.min(bbox.left + bbox.width, u.valToPos(to ?? Date.now() / 1000, 'x', true));
      if (end > x) ctx.fillRect(x, bbox.top, Math.max(2, end - x), bbox.height);
    }
    ctx.restore();
  }

  /** Draws a triangle where the count was changed: up or down. */
  function flags(u) {
    const { ctx, bbox } = u;
    ctx.save();
    for (const { at, up } of marks) {
      const x = u.valToPos(at, 'x', true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      const y = bbox.top + 4;
      const s = 5 * devicePixelRatio;
      ctx.fillStyle = color(up ? 'good' : 'accent');
      ctx.beginPath();
      ctx.moveTo(x, up ? y : y + s * 1.4);
      ctx.lineTo(x - s, up ? y + s * 1.4 : y);
      ctx.lineTo(x + s, up ? y + s * 1.4 : y);
      ctx.fill();
    }
    ctx.restore();
  }

  /** Returns the chosen time up to now, or less when the history is shorter. */
  function span() {
    const now = Date.now() / 1000;
    const first = columns.at[0] ?? now;
    return [Math.max(now - range, Math.min(first, now - LEAST_SPAN_S)), now];
  }

  function make(holder, names, right) {
    const stepped = uPlot.paths.stepped({ align: 1 });
    const axis = {
      stroke: color('dim'),
      grid: { stroke: color('line'), width: 1 },
      ticks: { stroke: color('line') },
      font: '11px system-ui',
    };
    const series = names.map((n) => ({
      label: KEYS[n],
      stroke: color(n.toLowerCase()),
      width: n === 'desired' ? 1.5 : 2,
      dash: n === 'desired' ? [5, 4] : undefined,
      scale: n === right ? 'right' : 'y',
      points: { show: false },
      paths: ['desired', 'running', 'pending'].includes(n) ? stepped : undefined,
    }));
    const axes = [
      { ...axis, values: (_u, splits) => splits.map(axisTime) },
      { ...axis, size: AXIS_PX, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 1e5, 1e6] },
    ];
    if (right) axes.push({ ...axis, scale: 'right', side: 1, size: AXIS_PX, grid: { show: false } });
    const floor = (_u, _min, max) => [0, Math.max(4, (max ?? 0) * 1.1)];
    return new uPlot(
      {
        width: holder.clientWidth || 600,
        height: 190,
        // As wide as the other chart's right axis, so that both share their times.
        padding: [null, right ? null : AXIS_PX, null, null],
        legend: { show: false },
        cursor: { sync: { key: 'sluice' }, points: { size: 6 } },
        scales: {
          x: { time: true, range: span },
          y: { range: floor },
          right: { range: floor },
        },
        axes,
        series: [{}, ...series],
        hooks: { drawClear: [shade], draw: [flags] },
      },
      data(names),
      holder,
    );
  }

  function data(names) {
    const from = Date.now() / 1000 - range * 1.05;
    const start = columns.at.findIndex((t) => t >= from);
    const cut = (list) => (start < 0 ? [] : list.slice(start));
    return [cut(columns.at), ...names.map((n) => cut(columns[n]))];
  }

  const UPPER = ['visible', 'inFlight', 'age'];
  const LOWER = ['desired', 'running', 'pending'];
  function build() {
    for (const plot of plots) plot.destroy();
    plots = [make(top, UPPER, 'age'), make(bottom, LOWER)];
  }
  function redraw() {
    clearTimeout(due);
    due = undefined;
    if (plots.length === 0) return;
    plots[0].setData(data(UPPER));
    plots[1].setData(data(LOWER));
    const last = columns.at.length - 1;
    const text =
      last < 0
        ? 'no history yet'
        : `now ${columns.visible[last] ?? 'unknown'} visible messages and ${columns.running[last] ?? 'unknown'} of ${columns.desired[last] ?? 'unknown'} workers; shown: the last ${duration(range * 1000)}`;
    top.setAttribute('aria-label', `chart of the queue: ${text}`);
    bottom.setAttribute('aria-label', `chart of the workers: ${text}`);
  }
  const soon = () => {
    due ??= setTimeout(redraw, REDRAW_MS);
  };

  const resize = new ResizeObserver(() => {
    for (const [plot, holder] of plots.map((p, i) => [p, [top, bottom][i]]))
      plot.setSize({ width: holder.clientWidth, height: 190 });
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
  get(`${path}/timeline`)
    .then(({ entries }) => addEntries(entries))
    .catch(() => {});

  function addEntries(entries) {
    for (const e of entries)
      if (e.acted && e.current !== undefined && e.desired !== undefined && e.current !== e.desired)
        marks.push({ at: e.at / 1000, up: e.desired > e.current });
    marks = marks.slice(-400);
    soon();
  }

  const timer = setInterval(soon, 1000);
  return {
    addEntries,
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
    mark({ list, reports }) {
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
