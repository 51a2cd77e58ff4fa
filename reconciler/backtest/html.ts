/** One page that loads nothing: the table, charts of each controller's course, and its decisions with their reasons. */
import { escapeHtml } from '../text/escape-html.ts';
import { SCRIPT } from './html-script.ts';
import { type Bill, dollars, rows } from './report.ts';
import type { Result } from './result.ts';
import type { Series } from './series.ts';
import { terms } from './terms.ts';

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
  `<tr>${cells.map((cell) => `<${tag}${tag === 'th' ? ' scope="col"' : ''}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;

const definition = ([term, meaning]: [string, string]): string =>
  `<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(meaning)}</dd>`;

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
${dollars(bill.leastHours * bill.pricePerWorkerHour)}.</p>
<details><summary>What the columns mean</summary><dl>${Object.entries(terms(target, bill.pricePerWorkerHour)).map(definition).join('')}</dl></details>
<h2>The course</h2>
<p><label>Controller <select id="controller"></select></label>
<label>beside <select id="beside"></select></label>
Times are days, hours and minutes since the start of the load. Drag over a chart to look closer; double-click for the whole.</p>
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
:root { color-scheme: light dark; --a: #0b6bcb; --b: #c2571a; --mark: #b3261e; --line: #8884; --paper: #fff; }
@media (prefers-color-scheme: dark) { :root { --a: #6cb6ff; --b: #ffa657; --mark: #ff8f87; --paper: #121212; } }
html { background: var(--paper); }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1, h2 { font-size: 1.2rem; } .wide { overflow-x: auto; max-height: 32rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .15rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
#decisions td:last-child { white-space: normal; }
.area { position: relative; } svg { display: block; width: 100%; height: 150px; cursor: crosshair; overflow: visible; }
figure { margin: 0 0 1.2rem; } figcaption { display: flex; flex-wrap: wrap; gap: 0 1.2rem; margin-bottom: .4rem; }
.plot { display: grid; grid-template-columns: 1.4rem 3rem 1fr; gap: .2rem .3rem; font-size: 12px; }
.unit { writing-mode: vertical-rl; transform: rotate(180deg); text-align: center; } .x { grid-column: 3; }
.y, .x { display: flex; justify-content: space-between; } .y { flex-direction: column; text-align: right; margin: -.6rem 0; }
.key::before { content: ''; display: inline-block; width: 1.6rem; border-top: 2px solid; vertical-align: middle; margin-right: .4rem; }
.key.thin::before { border-top-style: dashed; } span.mark { position: absolute; right: 0; color: var(--mark); pointer-events: none; }
.a { stroke: var(--a); } .b { stroke: var(--b); } path.thin { stroke-dasharray: 3 3; } path { fill: none; stroke-width: 1.3; vector-effect: non-scaling-stroke; }
.ka { color: var(--a); } .kb { color: var(--b); } line { stroke: var(--line); vector-effect: non-scaling-stroke; } line.mark { stroke: var(--mark); stroke-dasharray: 6 3; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; } dd { margin: 0; }
`;
