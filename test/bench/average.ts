import type { Setup } from '../../reconciler/backtest/backtest.ts';
import { runOptions } from '../../reconciler/backtest/backtest.ts';
import { best, TUNED_FOR } from '../../reconciler/backtest/compare.ts';
import { type MakePeer, PEERS, type PeerFacts } from '../../reconciler/backtest/peers/index.ts';
import type { Result } from '../../reconciler/backtest/result.ts';
import { type RunOptions, runPeer, runPolicy } from '../../reconciler/backtest/run.ts';
import { policy } from './loads.ts';

/** The mean of several seeds; waits and peaks are the largest. */
export function average(results: readonly Result[]): Result {
  const mean = (of: (r: Result) => number): number => results.reduce((sum, r) => sum + of(r), 0) / results.length;
  const most = (of: (r: Result) => number): number => Math.max(...results.map(of));
  const first = results[0]!;
  return {
    controller: first.controller,
    settings: first.settings,
    jobs: Math.round(mean((r) => r.jobs)),
    withinTarget: Number(mean((r) => r.withinTarget).toFixed(6)),
    wait: {
      p50: most((r) => r.wait.p50),
      p95: most((r) => r.wait.p95),
      p99: most((r) => r.wait.p99),
      max: most((r) => r.wait.max),
    },
    workerHours: Number(mean((r) => r.workerHours).toFixed(3)),
    lowerBoundHours: Number(mean((r) => r.lowerBoundHours).toFixed(3)),
    scaleActions: Math.round(mean((r) => r.scaleActions)),
    reversals: Math.round(mean((r) => r.reversals)),
    redelivered: Math.round(mean((r) => r.redelivered)),
    busyKills: Math.round(mean((r) => r.busyKills)),
    peakBacklog: most((r) => r.peakBacklog),
  };
}

const seeded = (setup: Setup, seeds: number): RunOptions[] =>
  Array.from({ length: seeds }, (_, i) => runOptions({ ...setup, seed: setup.seed + i }));

export const ours = (setup: Setup, seeds: number, with_ = policy): Result =>
  average(seeded(setup, seeds).map((options) => runPolicy(with_, options)));

export const factsOf = ({ target, serviceTime, concurrency }: Setup): PeerFacts => ({
  min: 1,
  max: 200,
  target,
  service: serviceTime.mean,
  concurrency,
});

const theirs = (make: MakePeer, setup: Setup, seeds: number): Result =>
  average(seeded(setup, seeds).map((options) => runPeer(make(), options)));

export function stock(name: string, setup: Setup, seeds: number): Result {
  return { ...theirs(() => PEERS[name]!.stock(factsOf(setup)), setup, seeds), controller: name };
}

/** The best setting of one or several catalogue entries, found in hindsight for this very load. */
export function tuned(label: string, names: readonly string[], setup: Setup, seeds: number, share = TUNED_FOR): Result {
  const makes = names.flatMap((name) => PEERS[name]!.settings(factsOf(setup)));
  return {
    ...best(
      makes.map((make) => theirs(make, setup, seeds)),
      share,
    ),
    controller: `${label}, tuned`,
  };
}
