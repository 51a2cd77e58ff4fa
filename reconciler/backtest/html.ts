/** One page that loads nothing: the table, charts of each controller's course, and its decisions with their reasons. */
import { escapeHtml } from '../text/escape-html.ts';
import { type Bill, dollars, rows } from './report.ts';
import type { Result } from './result.ts';
import type { Series } from './series.ts';

export interface Page {
  trace: string;
  /** The settings of the simulation and their values. */
  plant: Record<string, unknown>;
  results: readonly Result[];
  series: readonly Series[];
  bill: Bill;
  /** Seconds. */
  target: number;
}

/** Returns data for a script element, without any character that could end the element. */
const embed = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

const tableRow = (cells: string[], tag: 'th' | 'td'): string =>
  `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;

/** Returns the page. */
export function page({ trace, plant, results, series, bill, target }: Page): string {
  const [head = [], ...body] = rows(results, bill);
  const settings = Object.entries(plant).map(([name, value]) => `${name} ${String(value)}`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Backtest: ${escapeHtml(trace)}</title>
<style>${STYLE}</style>
<main>
<h1>Backtest: ${escapeHtml(trace)}</h1>
<p>${escapeHtml(settings.join(' · '))}</p>
<div class="wide" tabindex="0" role="region" aria-label="results"><table>${tableRow(head, 'th')}${body.map((cells) => tableRow(cells, 'td')).join('')}</table></div>
<p>The least that any controller could have cost, had it known every message beforehand: ${bill.leastHours.toFixed(1)} worker-hours,
${dollars(bill.leastHours * bill.pricePerWorkerHour)}; "x least" is a controller's cost over that.</p>
<p><label>Controller <select id="controller"></select></label>
<label>beside <select id="beside"></select></label>
Drag over a chart to look closer; double-click for the whole.</p>
<div id="charts"></div>
<h2>Decisions that changed the count</h2>
<p id="shown"></p>
<div class="wide" tabindex="0" role="region" aria-label="decisions"><table id="decisions"></table></div>
</main>
<script type="application/json" id="data">${embed({ series, target })}</script>
<script>${SCRIPT}</script>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --a: #0b6bcb; --b: #c2571a; --line: #8884; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1, h2 { font-size: 1.2rem; } .wide { overflow-x: auto; max-height: 32rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .15rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
#decisions td:last-child { white-space: normal; }
svg { display: block; width: 100%; height: 150px; margin-bottom: .2rem; cursor: crosshair; }
figure { margin: 0 0 .8rem; } figcaption { display: flex; gap: 1rem; }
.a { stroke: var(--a); } .b { stroke: var(--b); } .thin { stroke-dasharray: 3 3; } path { fill: none; stroke-width: 1.3; vector-effect: non-scaling-stroke; }
.ka { color: var(--a); } .kb { color: var(--b); } line { stroke: var(--line); vector-effect: non-scaling-stroke; } rect.pick { fill: #8883; }
`;

/** The code of the page, for the reader's browser. */
const SCRIPT = `
const { series, target } = JSON.parse(document.getElementById('data').textContent);
const CHARTS = [['arrivals a second', ['arrivals']], ['backlog, messages visible and in flight', ['backlog']],
  ['workers desired (line) and running (dashes)', ['desired', 'running']],
  ['longest wait, seconds (target ' + target + ')', ['wait'], target]];
const picks = ['controller', 'beside'].map((id) => document.getElementById(id));
picks.forEach((pick, i) => {
  if (i) pick.add(new Option('nothing', -1));
  series.forEach((s, j) => pick.add(new Option(s.controller, j)));
  pick.onchange = draw;
});
if (series.length > 1) picks[1].value = 1;
const whole = [0, Math.max(1, ...series.flatMap((s) => s.at.at(-1) ?? 0))];
let [from, to] = whole;
const clock = (s) => (s >= 86400 ? Math.floor(s / 86400) + 'd ' : '') + new Date(s * 1000).toISOString().slice(11, 16);
const element = (name, attributes) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};
function draw() {
  const chosen = picks.map((pick) => series[pick.value]);
  const charts = document.getElementById('charts');
  charts.replaceChildren(...CHARTS.map(([title, fields, mark]) => chart(title, fields, mark, chosen)));
  decisions(chosen[0]);
}
function chart(title, fields, mark, chosen) {
  const inside = chosen.map((s) => s ? s.at.map((t, i) => i).filter((i) => s.at[i] >= from && s.at[i] <= to) : []);
  const top = Math.max(1, mark ?? 0, ...chosen.flatMap((s, c) => fields.flatMap((f) => inside[c].map((i) => s[f][i]))));
  const svg = element('svg', { viewBox: '0 0 1000 150', preserveAspectRatio: 'none' });
  const x = (t) => 1000 * (t - from) / (to - from), y = (v) => 148 - 144 * v / top;
  if (mark) svg.append(element('line', { x1: 0, x2: 1000, y1: y(mark), y2: y(mark) }));
  chosen.forEach((s, c) => s && fields.forEach((f, k) => {
    const d = inside[c].map((i, n) => (n ? 'L' : 'M') + x(s.at[i]).toFixed(1) + ' ' + y(s[f][i]).toFixed(1)).join('');
    svg.append(element('path', { d, class: 'ab'[c] + (k ? ' thin' : '') }));
  }));
  const figure = document.createElement('figure'), caption = document.createElement('figcaption');
  const label = document.createElement('strong'), value = document.createElement('span');
  label.textContent = title;
  value.textContent = 'up to ' + top + ' · ' + clock(from) + ' to ' + clock(to);
  caption.append(label, value);
  figure.append(caption, svg);
  const time = (event) => from + (to - from) * event.offsetX / svg.clientWidth;
  let start;
  svg.onpointerdown = (event) => { start = time(event); };
  svg.onpointermove = (event) => {
    const at = time(event);
    value.replaceChildren(clock(at), ...chosen.flatMap((s, c) => {
      if (!s) return [];
      const i = s.at.findIndex((t) => t >= at), part = document.createElement('span');
      part.className = 'k' + 'ab'[c];
      part.textContent = ' · ' + s.controller + ': ' + fields.map((f) => f + ' ' + s[f][i]).join(', ');
      return [part];
    }));
  };
  svg.onpointerup = (event) => {
    const end = time(event);
    if (start !== undefined && Math.abs(end - start) > (to - from) / 200) [from, to] = [Math.min(start, end), Math.max(start, end)];
    start = undefined;
    draw();
  };
  svg.ondblclick = () => { [from, to] = whole; draw(); };
  return figure;
}
function decisions(s) {
  const all = s.decisions.filter((d) => d.at >= from && d.at <= to), some = all.slice(0, 300);
  document.getElementById('shown').textContent = s.controller + ': ' + all.length + ' in the time shown' + (all.length > some.length ? '; the first ' + some.length : '');
  document.getElementById('decisions').replaceChildren(...some.map((d) => {
    const row = document.createElement('tr');
    for (const text of [clock(d.at), d.from + ' → ' + d.to, d.because]) row.insertCell().textContent = text;
    return row;
  }));
}
draw();
`;
