import { parseDuration } from '../../../policies/grammar/duration.ts';
import { parseSampler, type Sampler } from '../../backtest/service-time.ts';
import { UsageError } from '../../text/user-error.ts';

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

/** Reads a service time or start-up. Throws UsageError that names the flag. */
export function sampler(flag: string, text: string): Sampler {
  try {
    return parseSampler(text);
  } catch (error) {
    throw new UsageError(`--${flag}: ${(error as Error).message}`, 'for example 10s, 20s+-10s or lognormal:10s/1');
  }
}

/** Reads a whole number from `least` to `most`. Throws UsageError that names the flag. */
export function whole(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`--${flag} ${text} is not a whole number from ${least} to ${most}`);
  return value;
}

/** Reads a number above 0. Throws UsageError that names the flag. */
export function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`--${flag} ${text} is not a number above 0`, '"all" plays the load unchanged');
  return value;
}

/** Reads a share, 0 to 1. Throws UsageError that names the flag. */
export function share(flag: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) throw new UsageError(`--${flag} ${text} is not a share from 0 to 1`);
  return value;
}
