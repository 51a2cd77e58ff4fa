/** The benchmark's results as a page for people. */
import { MADE } from './loads.ts';
import type { CellResult } from './matrix.ts';
import { matrixText } from './matrix-text.ts';
import type { Fidelity, Mixed, Quality, Variation } from './quality.ts';
import type { Reaction } from './reaction.ts';
import type { Speed } from './speed.ts';
import { geometric, percent, type Row, table } from './table.ts';
import type { Ticks } from './ticks.ts';

export interface Bench {
  machine: string;
  speed: Speed[] | undefined;
  quality: Quality[] | undefined;
  fidelity: Fidelity[] | undefined;
  variations: Variation[] | undefined;
  matrix: CellResult[] | undefined;
  mixed: Mixed[] | undefined;
  ticks: Ticks[] | undefined;
  reaction: Reaction | undefined;
}

export function markdown(bench: Bench): string {
  return `${[
    `# Benchmarks

\`npm run bench -- --traces DIR\` writes this page and [benchmarks.json](benchmarks.json). Without \`--traces\` it plays the
traces in \`examples/traces\` and generated loads. Measured on: ${bench.machine}, shared with other work.

One policy everywhere: \`strategies: [{ type: targetWait }]\` with 1 to 200 workers, a tick each 10 s, and nothing else: no
hints, and no setting for a single trace. "Tuned" peers have the setting that was cheapest **in hindsight for that trace** among those
that kept 99.9 % of the messages within a minute (or, when none did, came nearest to it); stock peers have their default settings.

The plant: FIFO queue; one message at a time; lognormal service times, mean 10 s, variation 1; 45 s from the rise of the count
to the first receive; a stopped worker finishes what ends within 30 s, anything longer comes back 5 minutes later and counts
as late; stopped workers are chosen at random. Busier traces are scaled down to ten busy workers on average. Two days of each (the hours whole, ten seeds). Cost is worker-hours over the sum of all service times, which no fleet can
beat.`,
    bench.quality && qualityText(bench.quality),
    bench.fidelity && bench.fidelity.length > 0 ? fidelityText(bench.fidelity) : undefined,
    bench.variations && variationsText(bench.variations),
    bench.matrix && bench.matrix.length > 0 ? matrixText(bench.matrix) : undefined,
    bench.mixed && mixedText(bench.mixed),
    bench.speed && speedText(bench.speed),
    bench.ticks && ticksText(bench.ticks),
    bench.reaction && reactionText(bench.reaction),
  ]
    .filter(Boolean)
    .join('\n\n')}\n`;
}

function qualityText(all: Quality[]): string {
  const real = all.filter(({ trace }) => !MADE.includes(trace));
  const of = (q: Quality, controller: string) => q.results.find((r) => r.controller === controller)!;
  const cost = (q: Quality, controller: string): number => {
    const r = of(q, controller);
    return r.workerHours / r.lowerBoundHours;
  };
  const us = all[0]!.results[0]!.controller;
  const KEDA = 'keda, tuned';
  const summary = table(
    ['trace', 'within 60 s', 'cost', 'reversals', 'KEDA tuned: within', 'cost', 'reversals'],
    all.map((q) => [
      q.trace,
      percent(of(q, us).withinTarget),
      cost(q, us).toFixed(2),
      of(q, us).reversals,
      percent(of(q, KEDA).withinTarget),
      cost(q, KEDA).toFixed(2),
      of(q, KEDA).reversals,
    ]),
  );
  const sum = (controller: string): number => real.reduce((total, q) => total + of(q, controller).reversals, 0);
  const worst = Math.min(...real.map((q) => of(q, us).withinTarget));
  const means = `On the recorded traces: worst ${percent(worst)} within the target, geometric mean cost **${geometric(real.map((q) => cost(q, us))).toFixed(2)}** (KEDA tuned for each: ${geometric(real.map((q) => cost(q, KEDA))).toFixed(2)}), ${sum(us)} reversals in all (KEDA tuned: ${sum(KEDA)}; ${percent(1 - sum(us) / sum(KEDA), 0)} fewer).`;
  const details = all.map(
    (q) =>
      `<details><summary>${q.trace}: every controller</summary>\n\n${table(
        [
          'controller',
          'within 60 s',
          'p50',
          'p95',
          'p99',
          'cost',
          'actions',
          'reversals',
          'busy kills',
          'redelivered',
          'settings',
        ],
        q.results.map((r) => [
          r.controller,
          percent(r.withinTarget),
          `${r.wait.p50.toFixed(0)} s`,
          `${r.wait.p95.toFixed(0)} s`,
          `${r.wait.p99.toFixed(0)} s`,
          (r.workerHours / r.lowerBoundHours).toFixed(2),
          r.scaleActions,
          r.reversals,
          r.busyKills,
          r.redelivered,
          r.settings,
        ]),
      )}\n\n</details>`,
  );
  return `## Control quality\n\n${summary}\n\n${means}\n\nThe last ${MADE.length} loads are made (\`--generate\`), and no constant was chosen on them.\n\n${details.join('\n\n')}`;
}

function fidelityText(all: Fidelity[]): string {
  const rows = all.map(({ trace, peer, within, hours }) => [
    trace,
    peer,
    `${within.here.toFixed(1)} (${within.least.toFixed(1)} to ${within.most.toFixed(1)})`,
    within.elsewhere,
    `${hours.here.toFixed(1)} (${hours.least.toFixed(1)} to ${hours.most.toFixed(1)})`,
    hours.elsewhere,
  ]);
  return `## Are the peers faithful?

An independent simulator with steps of a second measured the same models on the same traces, one run each, the first day. Here:
the mean over seeds and their range. The laws themselves are held by worked-out vectors in
\`test/reconciler/backtest/peers.test.ts\`.

${table(['trace', 'peer', '% within 60 s, here', 'there', 'worker-hours, here', 'there'], rows)}

Most agree within 5 %, or lie within what the phases of the loops make of one hour. The plain threshold does not: here it is
better by up to ten points and cheaper by up to 8 %. Nothing was published of the other one's clock, so ours looks each 10 s and
changes at most once in 60 s. The difference favors the peer.`;
}

function variationsText(all: Variation[]): string {
  const summary = (rows: Variation['ours']): Row => [
    percent(Math.min(...rows.map((r) => r.within))),
    percent(rows.reduce((sum, r) => sum + r.within, 0) / rows.length),
    geometric(rows.map((r) => r.cost)).toFixed(2),
    rows.reduce((sum, r) => sum + r.reversals, 0),
  ];
  return `## The same policy where things are otherwise

First day of each recorded trace. KEDA is tuned in hindsight for each trace and each line anew; the policy is the same throughout
(with \`taskProtection: true\` where workers protect themselves).

${table(
  ['', 'worst trace', 'mean', 'cost', 'reversals', 'KEDA tuned: worst', 'mean', 'cost', 'reversals'],
  all.map(({ name, ours, keda }) => [name, ...summary(ours), ...summary(keda)]),
)}

Where the minimum of one worker is already more than the load, the cost says nothing (jobs of 1 s, 10 at a time). Jobs of minutes
without protection: every stop of a busy worker loses one, so that the fleet shrinks only as fast as the allowance for it, and costs
more; protection lifts that. With a start-up longer than the target nothing that is asked for comes in time: what is not expected yet is late, and
bursts have to be seen before they are. The hours hold few messages: with jobs of 5 min some hundred. Counts that are off and calls that
fail are the same for the peers.`;
}

function mixedText(all: Mixed[]): string {
  const rows = all.flatMap(({ name, results }) =>
    results.map((r) => [
      name,
      r.controller,
      r.busyKills,
      r.redelivered,
      percent(r.withinTarget),
      (r.workerHours / r.lowerBoundHours).toFixed(2),
      r.settings,
    ]),
  );
  return `## Work under way: the mixed load

Jobs of 20±10 s with one in five of 5±2 min, on a day that rises and falls (three seeds, ${all[0]?.results[0]?.jobs} jobs each). A busy kill is a
worker that was stopped while it held a message; it may still finish within its 30 s. Messages that it does not finish are redelivered.

${table(['workers', 'controller', 'busy kills', 'redelivered', 'within 60 s', 'cost', 'settings'], rows)}`;
}

function speedText(all: Speed[]): string {
  return `## Speed of the backtest

One policy through the production pipeline on virtual time, in one thread, bundled as it is installed; a smooth day at one job a
second, repeated. CPU counts the collector's threads, too.

${table(
  ['days', 'decisions', 'jobs', 'seconds', 'CPU seconds', 'heap after it, MB'],
  all.map((s) => [s.days, s.decisions, s.jobs, s.seconds, s.cpuSeconds, s.heapMb]),
)}`;
}

function ticksText(all: Ticks[]): string {
  return `## Ticks of many policies

The real pipeline, adapters and AWS SDK, a tick each 10 s for each policy, against canned answers from another process. CPU is the
reconciler's alone.

${table(
  ['policies', 'ticks', 'failed', 'CPU for a tick', 'share of one core', 'heap, MB', 'AWS calls a second'],
  all.map((t) => [
    t.policies,
    t.ticks,
    t.failed,
    `${t.cpuPerTickMs.toFixed(2)} ms`,
    percent(t.core, 1),
    t.heapMb,
    Object.entries(t.callsPerSecond)
      .filter(([, n]) => n > 0)
      .map(([action, n]) => `${action} ${n}`)
      .join(', '),
  ]),
)}

ECS grants an account 20 reads of services a second; Sluice keeps itself below 15, and reads ten services in one call when calls have to wait.`;
}

function reactionText({ bursts, intervalMs, p50, p99, max }: Reaction): string {
  return `## Reaction

${bursts} bursts of ten messages at random moments, on the embedded AWS in the same process, a tick each ${intervalMs / 1_000} s; from the
burst's last message to UpdateService: p50 ${p50} ms, p99 ${p99} ms, at most ${max} ms. The most that the interval explains is ${intervalMs} ms.`;
}
