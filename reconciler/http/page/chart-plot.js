/** Draws one chart with uPlot: lines over time, experiments shaded, bounds as lines, edits and changes of the count marked. */
import { h } from './dom.js';
import { axisTime, zone } from './format.js';
import uPlot from './vendor/uplot.js';

export const AXIS_PX = 58;
export const HEIGHT_PX = 200;
const STEPPED = ['desired', 'running', 'pending'];

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

/** `windows()`, `marks()` and `bounds()` return what is drawn over the lines; times are epoch seconds. */
export function plot(holder, { names, labels, unit, right, span, data, windows, marks, bounds, picked }) {
  const axis = {
    stroke: color('dim'),
    grid: { stroke: color('line'), width: 1 },
    ticks: { stroke: color('line') },
    font: '11px system-ui',
    labelFont: '11px system-ui',
    labelSize: 16,
    labelGap: 0,
  };
  const series = names.map((n) => ({
    label: labels[n],
    stroke: color(n.toLowerCase()),
    width: n === 'desired' ? 1.5 : 2,
    dash: n === 'desired' ? [5, 4] : undefined,
    scale: n === right?.name ? 'right' : 'y',
    points: { show: false },
    paths: STEPPED.includes(n) ? uPlot.paths.stepped({ align: 1 }) : undefined,
  }));
  const axes = [
    { ...axis, label: `time, ${zone()}`, values: (_u, splits) => splits.map(axisTime) },
    {
      ...axis,
      label: unit,
      size: AXIS_PX - 16,
      incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 1e5, 1e6],
    },
  ];
  if (right)
    axes.push({ ...axis, label: right.unit, scale: 'right', side: 1, size: AXIS_PX - 16, grid: { show: false } });
  const floor = (_u, _min, max) => {
    const top = Math.max(4, (max ?? 0) * 1.1);
    const most = bounds()?.maxWorkers ?? 0;
    // A bound far above the lines would press them flat.
    return [0, most > top && most <= 3 * top ? most * 1.05 : top];
  };
  return new uPlot(
    {
      width: holder.clientWidth || 600,
      height: HEIGHT_PX,
      // As wide as the other chart's right axis, so that both share their times.
      padding: [null, right ? null : AXIS_PX, null, null],
      legend: { show: false },
      cursor: { sync: { key: 'sluice' }, points: { size: 6 }, drag: { x: true, y: false, setScale: false } },
      scales: {
        x: { time: true, range: span },
        y: { range: floor },
        right: { range: (_u, _min, max) => [0, Math.max(4, (max ?? 0) * 1.1)] },
      },
      axes,
      series: [{}, ...series],
      hooks: {
        drawClear: [(u) => shade(u, windows())],
        draw: [(u) => lines(u, bounds()), (u) => flags(u, marks())],
        setSelect: [
          (u) => {
            const { left, width } = u.select;
            if (width < 5) return;
            picked(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'));
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    },
    data,
    holder,
  );
}

function shade(u, windows) {
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

/** Draws minWorkers and maxWorkers as thin lines with their names. */
function lines(u, bounds) {
  if (!bounds) return;
  const { ctx, bbox } = u;
  ctx.save();
  ctx.strokeStyle = color('warn');
  ctx.fillStyle = color('warn');
  ctx.lineWidth = devicePixelRatio;
  ctx.textAlign = 'left';
  ctx.font = `${11 * devicePixelRatio}px system-ui`;
  for (const [name, value] of [
    ['min', bounds.minWorkers],
    ['max', bounds.maxWorkers],
  ]) {
    const y = u.valToPos(value, 'y', true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.fillText(`${name} ${value}`, bbox.left + bbox.width + 4, y + 4);
  }
  ctx.restore();
}

/** Draws a triangle where the count was changed, in another color where others did it, and a line at an edit. */
function flags(u, marks) {
  const { ctx, bbox } = u;
  ctx.save();
  for (const { at, kind, up } of marks) {
    const x = u.valToPos(at, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const s = 5 * devicePixelRatio;
    if (kind === 'edit') {
      ctx.fillStyle = color('accent');
      ctx.fillRect(x - devicePixelRatio / 2, bbox.top, devicePixelRatio, bbox.height);
      ctx.fillRect(x - s, bbox.top, 2 * s, s);
      continue;
    }
    const y = bbox.top + 4;
    ctx.fillStyle = color(kind === 'elsewhere' ? 'elsewhere' : up ? 'good' : 'accent');
    ctx.beginPath();
    ctx.moveTo(x, up ? y : y + s * 1.4);
    ctx.lineTo(x - s, up ? y + s * 1.4 : y);
    ctx.lineTo(x + s, up ? y + s * 1.4 : y);
    ctx.fill();
  }
  ctx.restore();
}
