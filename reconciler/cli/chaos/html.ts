/** Reports of runs as one HTML page that loads nothing: for a post-mortem, a wiki or an audience. */
import { timeToDetect, timeToRecover } from '../../../policies/chaos/run.ts';
import type { Run } from '../../../policies/model/run.ts';
import { escapeHtml } from '../../text/escape-html.ts';
import { timeline } from './timeline.ts';

/** Returns the page. */
export function reportHtml(runs: readonly { policy: string; run: Run }[]): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sluice experiments</title><style>
:root{color-scheme:light dark;--line:#8886;--queue:#2a78d6;--workers:#1a9850;--fault:#d6453d33}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
section{border-top:1px solid var(--line);padding:1rem 0}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{opacity:.7}dd{margin:0}
.verdict{padding:.1rem .6rem;border-radius:1rem;border:1px solid currentColor;font-size:.85em}.passed{color:#1a9850}.failed{color:#d6453d}.aborted,.interrupted,.inconclusive{color:#b8860b}
svg{width:100%;height:auto;overflow:visible}text{font-size:11px;fill:currentColor}.grid{stroke:var(--line)}
</style></head><body><main><h1>Experiments</h1>${runs.map(section).join('')}</main></body></html>\n`;
}

function section({ policy, run }: { policy: string; run: Run }): string {
  const facts: [string, unknown][] = [
    ['Policy', policy],
    ['Run', run.id],
    ['Fault', run.summary],
    ['Started', new Date(run.startedAt).toISOString()],
    ['Why', run.because],
    ['Time to detect', withUnit(timeToDetect(run))],
    ['Time to recover', withUnit(timeToRecover(run))],
    ['Peak backlog', `${run.peak.visible} visible`],
    ['Peak age', withUnit(run.peak.age)],
    ['Tasks stopped', run.stopped],
    ['Dead letters', run.deadLetters],
  ];
  const verdict = run.verdict ?? run.phase;
  const rows = facts
    .filter(([, v]) => v !== undefined)
    .map(([k, v]) => `<dt>${escapeHtml(k)}</dt><dd>${escapeHtml(v)}</dd>`);
  const steps = timeline(run).map(([at, what]) => `<li>+${escapeHtml(at)}: ${escapeHtml(what)}</li>`);
  return `<section><h2>${escapeHtml(run.experiment)} <span class="verdict ${escapeHtml(verdict)}">${escapeHtml(verdict)}</span></h2>
${chart(run)}<dl>${rows.join('')}</dl><h3>Timeline</h3><ol>${steps.join('')}</ol></section>`;
}

const withUnit = (seconds: number | undefined): string | undefined =>
  seconds === undefined ? undefined : `${seconds} s`;

const WIDTH = 800;
const HEIGHT = 220;

/** Returns a chart of visible messages and workers over the run, with the fault shaded; empty for fewer than two samples. */
function chart({ samples = [], startedAt, injectedAt, endedAt }: Run): string {
  if (samples.length < 2) return '';
  const end = Math.max(...samples.map(([at]) => at), 1);
  const top = Math.max(1, ...samples.map(([, visible]) => visible));
  const most = Math.max(1, ...samples.flatMap(([, , running, desired]) => [running, desired]));
  const x = (at: number): string => ((at / end) * WIDTH).toFixed(1);
  const y = (value: number, of: number): string => (HEIGHT - (value / of) * HEIGHT).toFixed(1);
  const line = (pick: (s: (typeof samples)[number]) => number, of: number): string =>
    samples.map((s, i) => `${i === 0 ? 'M' : 'L'}${x(s[0])} ${y(pick(s), of)}`).join('');
  const from = ((injectedAt ?? startedAt) - startedAt) / 1_000;
  const to = endedAt === undefined ? end : (endedAt - startedAt) / 1_000;
  return `<svg viewBox="0 -16 ${WIDTH} ${HEIGHT + 40}" role="img" aria-label="visible messages and running workers over ${end} seconds">
<rect x="${x(from)}" y="0" width="${(Math.max(0.005, (to - from) / end) * WIDTH).toFixed(1)}" height="${HEIGHT}" fill="var(--fault)"/>
<line class="grid" x1="0" x2="${WIDTH}" y1="${HEIGHT}" y2="${HEIGHT}"/>
<path d="${line((s) => s[1], top)}" fill="none" stroke="var(--queue)" stroke-width="2"/>
<path d="${line((s) => s[2], most)}" fill="none" stroke="var(--workers)" stroke-width="2"/>
<text x="0" y="-4" style="fill:var(--queue)">visible messages, to ${top}</text><text x="${WIDTH}" y="-4" text-anchor="end" style="fill:var(--workers)">running workers, to ${most}</text>
<text x="0" y="${HEIGHT + 16}">0 s</text><text x="${WIDTH}" y="${HEIGHT + 16}" text-anchor="end">${end} s</text></svg>`;
}
