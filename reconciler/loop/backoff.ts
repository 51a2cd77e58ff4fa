/** A policy in trouble ticks at least this often, in milliseconds, or once an interval if that is longer. */
export const LONGEST_BACKOFF_MS = 120_000;

/**
 * Returns the milliseconds that a policy waits after `failures` failed ticks in a row, of which the first costs nothing:
 * one interval doubled each time, capped, and shortened by up to a half. `jitter` is from 0 to 1.
 */
export function backoff(failures: number, interval: number, jitter: number): number {
  if (failures < 2) return 0;
  const full = Math.min(Math.max(LONGEST_BACKOFF_MS, interval), interval * 2 ** Math.min(failures - 1, 20));
  return full * (1 - jitter / 2);
}
