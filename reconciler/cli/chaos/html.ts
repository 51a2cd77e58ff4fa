/** Reports of runs as one HTML page that loads nothing: for a post-mortem, a wiki or an audience. */
import { leftText, timeToDetect, timeToRecover } from '../../../policies/chaos/run.ts';
import type { Run } from '../../../policies/model/run.ts';
import { escapeHtml } from '../../text/escape-html.ts';
import { type Expectation, expectations, scalingSteps } from './expectations.ts';
import { chart } from './html-chart.ts';
import { timeline } from './timeline.ts';

const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--line:#8886;--queue:#1f63b5;--workers:#127436;--bad:#b3261e;--open:#7a5a00;--fault:#d6453d33}
@media(prefers-color-scheme:dark){:root{--paper:#121212;--queue:#6cb6ff;--workers:#5fd38a;--bad:#ff8f87;--open:#e3b341}}
html{background:var(--paper)}body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
section{border-top:1px solid var(--line);padding:1rem 0}h3{margin-bottom:.2rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0}
table{border-collapse:collapse}th,td{text-align:left;padding:.15rem 1rem .15rem 0;border-bottom:1px solid var(--line)}
.verdict{padding:.1rem .6rem;border-radius:1rem;border:1px solid currentColor;font-size:.85em}
.passed,.held{color:var(--workers)}.failed,.broken{color:var(--bad)}.aborted,.interrupted,.inconclusive{color:var(--open)}
.wide{overflow-x:auto}svg{display:block;width:100%;min-width:40rem}svg text{font-size:12px;fill:currentColor}
svg path{fill:none;stroke-width:2}svg line{stroke:var(--line)}svg rect{fill:var(--fault)}path.queue{stroke:var(--queue)}
path.workers{stroke:var(--workers)}path.desired{stroke:var(--workers);stroke-dasharray:5 4}
line.limit{stroke:var(--bad);stroke-dasharray:6 3}svg text.limit{fill:var(--bad)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:0 1.5rem;padding:0;margin:.5rem 0}
.legend li::before{content:'';display:inline-block;width:1.6rem;border-top:2px solid;vertical-align:middle;margin-right:.4rem}
.legend .queue::before{color:var(--queue)}.legend .workers::before,.legend .desired::before{color:var(--workers)}
.legend .desired::before{border-top-style:dashed}.legend .fault::before{border-top:.8rem solid var(--fault)}
`;

const TERMS: [term: string, meaning: string][] = [
  ['passed', 'every expectation held'],
  ['failed', 'an expectation did not hold'],
  ['inconclusive', 'the run shows nothing, and why'],
  ['aborted', 'ended early on purpose, and reverted'],
  ['interrupted', 'the process ended while the fault was in place; the next one reverted it'],
  ['Time to detect', 'from the first write of the fault to the first sight of its effect on the workers'],
  ['Time to recover', 'from the end of the fault until as many workers run as are desired, with the backlog of before'],
  ['Peak backlog', 'most visible messages since the start of the run; those in flight do not count'],
  ['Peak age', 'longest wait of the oldest message, where it was read'],
  ['Dead letters', 'messages that reached the dead-letter queue since the start of the run'],
];

/** Returns the page. */
export function reportHtml(runs: readonly { policy: string; run: Run }[]): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sluice experiments</title><style>${STYLE}</style></head><body><main><h1>Experiments</h1>
<details><summary>What the words mean</summary>${definitions(TERMS)}</details>
${runs.length === 0 ? '<p>No experiment has run yet.</p>' : runs.map(section).join('')}</main></body></html>\n`;
}

function section({ policy, run }: { policy: string; run: Run }): string {
  const facts: [string, unknown][] = [
    ['Policy', policy],
    ['Run', `${run.id} (${run.trigger === 'request' ? 'on request' : 'on schedule'})`],
    ['Fault', run.summary],
    ['Started', new Date(run.startedAt).toISOString()],
    ['Why', run.because],
    ['Left', leftText(run)],
    ['Time to detect', withUnit(timeToDetect(run)) ?? (run.injectedAt ? 'no effect was seen' : undefined)],
    ['Time to recover', withUnit(timeToRecover(run))],
    ['Before', `${run.before.visible} visible, ${run.before.desired} desired`],
    ['Peak backlog', `${run.peak.visible} visible`],
    ['Peak age', withUnit(run.peak.age)],
    ['Tasks stopped', run.stopped],
    ['Dead letters', run.deadLetters],
  ];
  const verdict = run.verdict ?? run.phase;
  const events = timeline(run).map(([at, what]) => `<li>+${escapeHtml(at)}: ${escapeHtml(what)}</li>`);
  return `<section><h2>${escapeHtml(run.experiment)} <span class="verdict ${escapeHtml(verdict)}">${escapeHtml(verdict)}</span></h2>
${chart(run)}${definitions(facts.filter(([, value]) => value !== undefined))}
<h3>Hypothesis</h3><table><tr><th scope="col">expected</th><th scope="col">measured</th><th scope="col">held</th></tr>${expectations(run).map(expectation).join('')}</table>
<h3>Scaling steps</h3>${steps(run)}<h3>Timeline</h3><ol>${events.join('')}</ol></section>`;
}

const definitions = (entries: readonly [string, unknown][]): string =>
  `<dl>${entries.map(([term, text]) => `<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(text)}</dd>`).join('')}</dl>`;

function expectation({ expected, measured, held }: Expectation): string {
  const answer =
    held === undefined ? '<td>not known</td>' : `<td class="${held ? 'held' : 'broken'}">${held ? 'yes' : 'no'}</td>`;
  return `<tr><td>${escapeHtml(expected)}</td><td>${escapeHtml(measured)}</td>${answer}</tr>`;
}

function steps(run: Run): string {
  const all = scalingSteps(run).map(({ at, from, to }) => `<li>+${at} s: ${from} → ${to} desired</li>`);
  if (all.length > 0) return `<ol>${all.join('')}</ol>`;
  return run.samples
    ? '<p>The desired count stayed as it was.</p>'
    : '<p>The status no longer keeps them; the log does.</p>';
}

const withUnit = (seconds: number | undefined): string | undefined =>
  seconds === undefined ? undefined : `${seconds} s`;
