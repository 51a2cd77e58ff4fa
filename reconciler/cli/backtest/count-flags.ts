import type { CountsOptions } from '../../backtest/counts.ts';
import { UsageError } from '../../text/user-error.ts';
import { seconds, share, whole } from './numbers.ts';

/** The ways in which counts and calls can be off, as flags. `sqs` is a careful guess at what AWS gives: it tells no figures. */
const COUNT_MODELS = {
  exact: {
    countDelay: '0s',
    countNoise: '0',
    countShards: '1',
    countMisses: '0',
    countGhosts: '0',
    errorRate: '0',
  },
  sqs: {
    countDelay: '5s',
    countNoise: '0.1',
    countShards: '1',
    countMisses: '0',
    countGhosts: '0.01',
    errorRate: '0.02',
  },
} as const;

export type CountFlags = Record<keyof (typeof COUNT_MODELS)['exact'], string>;

/** The flags as they come from the command line: a model, and what is to differ from it. */
export type GivenCounts = { counts: string } & Partial<CountFlags>;

/** Returns the flags of the model asked for, each as given beside it. */
export function countFlags({ counts, ...flags }: GivenCounts): CountFlags {
  if (counts !== 'exact' && counts !== 'sqs')
    throw new UsageError(`--counts ${counts} is not a model of the queue counts`, 'write exact or sqs');
  const { countDelay, countNoise, countShards, countMisses, countGhosts, errorRate } = COUNT_MODELS[counts];
  return {
    countDelay: flags.countDelay ?? countDelay,
    countNoise: flags.countNoise ?? countNoise,
    countShards: flags.countShards ?? countShards,
    countMisses: flags.countMisses ?? countMisses,
    countGhosts: flags.countGhosts ?? countGhosts,
    errorRate: flags.errorRate ?? errorRate,
  };
}

/** Returns the flaws that the flags ask for. Throws UsageError that names the flag. */
export function countsFrom(flags: GivenCounts): Omit<CountsOptions, 'seed'> & { errorRate: number } {
  const given = countFlags(flags);
  return {
    countDelay: seconds('count-delay', given.countDelay, 60),
    countNoise: share('count-noise', given.countNoise),
    countShards: whole('count-shards', given.countShards, 1, 100),
    countMisses: share('count-misses', given.countMisses),
    countGhosts: share('count-ghosts', given.countGhosts),
    errorRate: share('error-rate', given.errorRate),
  };
}
