import type { Trace } from '../../backtest/arrivals.ts';
import type { Setup } from '../../backtest/backtest.ts';
import { UsageError } from '../../text/user-error.ts';
import { countFlags, countsFrom, type GivenCounts } from './count-flags.ts';
import { positive, sampler, seconds, whole } from './numbers.ts';

/** The plant's flags as they come from the command line. */
export interface PlantFlags extends GivenCounts {
  service?: string;
  concurrency: string;
  startUp: string;
  workers: string;
  stopTimeout: string;
  visibilityTimeout: string;
  target?: string;
  metricLag: string;
  seed: string;
  protection?: boolean;
  lastPoll: string;
  load?: string;
  duration?: string;
}

/** Service time of a job when neither a flag nor the past of the queue tells it. */
export const DEFAULT_SERVICE = 'lognormal:10s/1';
/** Busy workers, on average, to which a trace is scaled down. */
const DEFAULT_LOAD = '10';

/**
 * Returns the setup that the flags describe. `asIs`: the load is played unchanged unless a flag scales it down. `target`
 * in milliseconds. Throws UsageError that names the flag.
 */
export function setupFrom(flags: PlantFlags, trace: Trace, asIs: boolean, service: string, target: number): Setup {
  const load = flags.load ?? (asIs ? 'all' : DEFAULT_LOAD);
  return {
    trace,
    load: load === 'all' ? undefined : positive('load', load),
    duration: flags.duration === undefined ? undefined : seconds('duration', flags.duration),
    serviceTime: sampler('service', flags.service ?? service),
    startUp: sampler('start-up', flags.startUp),
    concurrency: whole('concurrency', flags.concurrency, 1, 10_000),
    workers: whole('workers', flags.workers, 0, 5_000),
    stopTimeout: seconds('stop-timeout', flags.stopTimeout),
    visibilityTimeout: seconds('visibility-timeout', flags.visibilityTimeout),
    protection: flags.protection === true,
    deadPoll: deadPollOf(flags.lastPoll),
    target: flags.target === undefined ? target / 1_000 : seconds('target', flags.target),
    metricLag: seconds('metric-lag', flags.metricLag),
    ...countsFrom(flags),
    seed: whole('seed', flags.seed, 0, 2 ** 31),
  };
}

/**
 * Seconds for which SQS gives messages to the poll of a worker that was stopped. One that cancels its poll (boto3 alone, Celery) is
 * noticed after a moment; one that drops what its last poll brings (TaskIQ) polls on for half a long poll on average.
 */
const DEAD_POLLS: Readonly<Record<string, number>> = { finish: 0, cancel: 1, drop: 10 };

function deadPollOf(text: string): number {
  const found = Object.hasOwn(DEAD_POLLS, text) ? DEAD_POLLS[text] : undefined;
  if (found !== undefined) return found;
  throw new UsageError(`--last-poll ${text} is none of ${Object.keys(DEAD_POLLS).join(', ')}`);
}

/** Returns the settings as the JSON output and the page show them. */
export function plantOf(flags: PlantFlags, { load, target }: Setup, service: string): Record<string, unknown> {
  return {
    load: load === undefined ? 'all' : `${load} busy workers`,
    service: flags.service ?? service,
    startUp: flags.startUp,
    concurrency: Number(flags.concurrency),
    workers: Number(flags.workers),
    stopTimeout: flags.stopTimeout,
    visibilityTimeout: flags.visibilityTimeout,
    protection: flags.protection === true,
    lastPoll: flags.lastPoll,
    target: `${target}s`,
    metricLag: flags.metricLag,
    ...countsFrom(flags),
    countDelay: countFlags(flags).countDelay,
    seed: Number(flags.seed),
  };
}
