import { parseDuration } from '../../../policies/grammar/duration.ts';
import type { Trace } from '../../backtest/arrivals.ts';
import type { Setup } from '../../backtest/backtest.ts';
import { parseSampler, type Sampler } from '../../backtest/service-time.ts';
import { UsageError } from '../../text/user-error.ts';

/** The plant's flags as they come from the command line. */
export interface PlantFlags {
  service?: string;
  concurrency: string;
  startUp: string;
  workers: string;
  stopTimeout: string;
  visibilityTimeout: string;
  target?: string;
  metricLag: string;
  countDelay: string;
  countNoise: string;
  errorRate: string;
  seed: string;
  protection?: boolean;
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
    target: flags.target === undefined ? target / 1_000 : seconds('target', flags.target),
    metricLag: seconds('metric-lag', flags.metricLag),
    countDelay: seconds('count-delay', flags.countDelay, 60),
    countNoise: share('count-noise', flags.countNoise),
    errorRate: share('error-rate', flags.errorRate),
    seed: whole('seed', flags.seed, 0, 2 ** 31),
  };
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
    target: `${target}s`,
    metricLag: flags.metricLag,
    countDelay: flags.countDelay,
    countNoise: Number(flags.countNoise),
    errorRate: Number(flags.errorRate),
    seed: Number(flags.seed),
  };
}

/** Reads a duration flag, in seconds. Throws UsageError above `most` seconds. */
export function seconds(flag: string, text: string, most = Number.POSITIVE_INFINITY): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms / 1_000 > most)
    throw new UsageError(
      `--${flag} ${text} is not a duration${Number.isFinite(most) ? ` up to ${most}s` : ''}`,
      'write it as 30s, 5m or 1h30m',
    );
  return ms / 1_000;
}

function sampler(flag: string, text: string): Sampler {
  try {
    return parseSampler(text);
  } catch (error) {
    throw new UsageError(`--${flag}: ${(error as Error).message}`, 'for example 10s, 20s+-10s or lognormal:10s/1');
  }
}

function whole(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`--${flag} ${text} is not a whole number from ${least} to ${most}`);
  return value;
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`--${flag} ${text} is not a number above 0`, '"all" plays the load unchanged');
  return value;
}

function share(flag: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) throw new UsageError(`--${flag} ${text} is not a share from 0 to 1`);
  return value;
}
