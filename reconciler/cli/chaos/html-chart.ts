/** The chart of one run: messages and workers over its time, with axes, and the fault as a shaded part. */
import type { Run } from '../../../policies/model/run.ts';
import { escapeHtml } from '../../text/escape-html.ts';

const [WIDTH, HEIGHT] = [800, 220];
/** Room around the chart for the labels of its axes. */
const [SIDE, ABOVE, BELOW] = [64, 16, 44];
const TICKS = [0, 0.25, 0.5, 0.75, 1];

const LEGEND: [className: string, text: string][] = [
  ['queue', 'visible messages (left axis)'],
  ['workers', 'running workers (right axis)'],
  ['desired', 'desired workers (right axis)'],
  ['fault', 'the fault, until its revert began'],
];

/** Returns a chart of messages and workers over the run, or a sentence that says why there is none. */
export function chart({ id, samples = [], startedAt, injectedAt, endedAt, hypothesis: { maxVisible } }: Run): string {
  if (samples.length < 2)
    return '<p>No chart: the status keeps only that of the newest run; the log has all of them.</p>';
  const end = Math.max(...samples.map(([at]) => at), 1);
  const top = scaleOf([...samples.map(([, visible]) => visible), maxVisible ?? 0]);
  const most = scaleOf(samples.flatMap(([, , running, desired]) => [running, desired]));
  const x = (at: number): string => ((at / end) * WIDTH).toFixed(1);
  const y = (value: number, of: number): string => (HEIGHT - (value / of) * HEIGHT).toFixed(1);
  const path = (of: number, pick: (s: (typeof samples)[number]) => number, className: string): string =>
    `<path class="${className}" d="${samples.map((s, i) => `${i === 0 ? 'M' : 'L'}${x(s[0])} ${y(pick(s), of)}`).join('')}"/>`;
  // The desired count jumps; a slope between two points would show counts that were never asked for.
  const desired = samples.map((s, i) => `${i === 0 ? 'M' : `H${x(s[0])} L`}${x(s[0])} ${y(s[3], most)}`).join('');
  const from = ((injectedAt ?? startedAt) - startedAt) / 1_000;
  const to = endedAt === undefined ? end : (endedAt - startedAt) / 1_000;
  const fault = `<rect x="${x(from)}" y="0" width="${(Math.max(0.005, (to - from) / end) * WIDTH).toFixed(1)}" height="${HEIGHT}"/>`;
  const legend = LEGEND.map(([className, text]) => `<li class="${className}">${text}</li>`);
  return `<ul class="legend">${legend.join('')}</ul><div class="wide" tabindex="0" role="region" aria-label="chart of run ${escapeHtml(id)}">
<svg viewBox="${-SIDE} ${-ABOVE} ${WIDTH + 2 * SIDE} ${HEIGHT + ABOVE + BELOW}" role="img" aria-label="visible messages, running and desired workers over ${end} seconds">
${fault}${TICKS.map((part) => ticksAt(part, end, top, most)).join('')}
${maxVisible === undefined ? '' : limit(y(maxVisible, top), maxVisible)}
${path(top, (s) => s[1], 'queue')}<path class="desired" d="${desired}"/>${path(most, (s) => s[2], 'workers')}
${title('visible messages', -SIDE + 14)}${title('workers', WIDTH + SIDE - 6)}
<text x="${WIDTH / 2}" y="${HEIGHT + 38}" text-anchor="middle">seconds since the start of the run</text></svg></div>`;
}

/** Returns the end of an axis: the largest value, rounded up to a multiple of four, so that each tick is a whole number. */
const scaleOf = (values: readonly number[]): number => Math.ceil(Math.max(4, ...values) / 4) * 4;

/** Returns the grid line and the labels of all three axes at a part, 0 to 1, of their lengths. */
function ticksAt(part: number, end: number, top: number, most: number): string {
  const y = HEIGHT * (1 - part);
  return `<line x1="0" x2="${WIDTH}" y1="${y}" y2="${y}"/><text x="-6" y="${y + 4}" text-anchor="end">${part * top}</text>
<text x="${WIDTH + 6}" y="${y + 4}">${part * most}</text><text x="${part * WIDTH}" y="${HEIGHT + 18}" text-anchor="middle">${Math.round(part * end)}</text>`;
}

const title = (text: string, x: number): string =>
  `<text x="${x}" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 ${x} ${HEIGHT / 2})">${text}</text>`;

const limit = (y: string, maxVisible: number): string =>
  `<line class="limit" x1="0" x2="${WIDTH}" y1="${y}" y2="${y}"/><text class="limit" x="4" y="${Number(y) - 4}">at most ${maxVisible} messages (hypothesis)</text>`;
