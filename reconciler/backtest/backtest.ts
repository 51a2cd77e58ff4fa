/** One backtest: a policy, and peers beside it, on the same jobs and the same plant. */
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import { type Trace, thinning, traceSeconds } from './arrivals.ts';
import { comparePeer } from './compare.ts';
import type { CountsOptions } from './counts.ts';
import { leastHours } from './least.ts';
import type { PeerFacts } from './peers/index.ts';
import type { Result } from './result.ts';
import { type RunOptions, runPolicy } from './run.ts';
import { recorder, type Series } from './series.ts';
import type { Sampler } from './service-time.ts';

/** The settings of a simulation. Times are seconds; the defaults are those of every comparison in docs/benchmarks.md. */
export interface Setup extends CountsOptions {
  trace: Trace;
  /** Busy workers, on average, to scale the trace down to; undefined plays it unchanged. */
  load: number | undefined;
  duration: number | undefined;
  serviceTime: Sampler;
  startUp: Sampler;
  concurrency: number;
  workers: number;
  stopTimeout: number;
  visibilityTimeout: number;
  protection: boolean;
  /** See PlantOptions. Default 0. */
  deadPoll?: number;
  target: number;
  metricLag: number;
  errorRate: number;
}

/** Returns the options of one run. */
export function runOptions(setup: Setup): RunOptions {
  const { trace, load, serviceTime, seed, concurrency } = setup;
  const keep = load === undefined ? 1 : thinning(trace, serviceTime, load * concurrency);
  const duration = Math.min(setup.duration ?? Number.POSITIVE_INFINITY, traceSeconds(trace));
  return {
    load: { trace, serviceTime, seed, keep, duration },
    plant: setup,
    metricLag: setup.metricLag,
    look: setup,
  };
}

export interface Request {
  setup: Setup;
  policies: WorkerPolicy[];
  /** Names of the catalog of peers. */
  peers: string[];
  tune: boolean;
  /** Record the course of each, for charts. */
  chart: boolean;
  report: (what: string, share: number) => void;
}

/** Runs the policies, then the peers, on equal jobs. `report` gets the share that is done, 0 to 1. */
export function backtest({ setup, policies, peers, tune, chart, report }: Request): {
  results: Result[];
  series: Series[];
  /** Worker-hours below which no controller can come on this load. */
  leastHours: number;
} {
  const options = runOptions(setup);
  const results: Result[] = [];
  const series: Series[] = [];
  const all = policies.length + peers.length;
  const { duration } = options.load;
  const run = (name: string, go: (with_: RunOptions) => Result): void => {
    const done = results.length;
    const recording = chart ? recorder(name, duration) : undefined;
    const every = recording?.watcher.every ?? 3_600;
    const watch = {
      ...recording?.watcher,
      every,
      see: (plant: Parameters<NonNullable<RunOptions['watch']>['see']>[0]) => {
        recording?.watcher.see(plant);
        report(name, (done + plant.now / duration) / all);
      },
    };
    results.push(go({ ...options, watch }));
    if (recording) series.push({ ...recording.series, controller: results.at(-1)!.controller });
  };
  for (const policy of policies) run(policy.metadata.name, (with_) => runPolicy(policy, with_));
  for (const name of peers) {
    const { minWorkers: min, maxWorkers: max } = policies[0]!.spec.scaling;
    const facts: PeerFacts = {
      min,
      max,
      target: setup.target,
      service: setup.serviceTime.mean,
      concurrency: setup.concurrency,
    };
    if (!tune) run(name, (with_) => comparePeer(name, facts, with_, false));
    else {
      // The best setting is known only at the end, so one more run records its course.
      const found = comparePeer(name, facts, options, true, (settings) =>
        report(`${name}: ${settings}`, results.length / all),
      );
      if (chart) run(name, (with_) => comparePeer(name, facts, with_, true, undefined, found.settings));
      else results.push(found);
    }
  }
  return { results, series, leastHours: leastOf(setup, options, policies) };
}

const leastOf = (setup: Setup, { load }: RunOptions, policies: readonly WorkerPolicy[]): number =>
  leastHours({
    load,
    target: setup.target,
    concurrency: setup.concurrency,
    workers: setup.workers,
    startUp: setup.startUp.mean,
    min: Math.min(...policies.map(({ spec }) => spec.scaling.minWorkers)),
  });
