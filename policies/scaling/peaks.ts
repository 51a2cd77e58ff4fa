import type { Instant } from '../model/observation.ts';
import type { Peaks } from '../model/record.ts';

/**
 * Returns a sliding maximum with one more count in it, over `window` milliseconds. Counts that a later and larger one has
 * overtaken can never be the maximum again, so they are dropped: the rest falls, and its first entry is the maximum.
 */
export function withPeak(peaks: Peaks, count: number, now: Instant, window: number): Peaks {
  if (window === 0) return [];
  const kept = peaks.filter(([at, value]) => at > now - window && value > count);
  kept.push([now, count]);
  return kept;
}

/** Returns the entry with the largest count of the last `window` milliseconds, or undefined when there is none. */
export const highest = (peaks: Peaks, now: Instant, window: number): Peaks[number] | undefined =>
  peaks.find(([at]) => at > now - window);
