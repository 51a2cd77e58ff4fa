import type { Instant, UsualRate } from '../../model/observation.ts';

const DAY_MS = 86_400_000;
/** Days of the past that are looked at. */
export const DAYS = 14;
/** Fewer days than this are no habit. */
const LEAST_DAYS = 4;
/** Arrivals in the next so many periods count. */
const PERIODS_AHEAD = 2;
/** Three in four of the past days had at least the rate that is called usual. */
const SHARE_BELOW = 0.25;

/** Milliseconds of one entry of the past. */
export const PERIOD_MS = 300_000;

/** Messages sent in each period from `from` on. */
export interface Past {
  from: Instant;
  sent: ArrayLike<number>;
}

/**
 * Returns the arrivals a second that at least three of four past days had at this time of day, for the next ten minutes.
 * Undefined while fewer than four days are known. Days on which nothing was sent do not count: the queue was not in use.
 */
export function usualRate({ from, sent }: Past, now: Instant): UsualRate | undefined {
  const rates: number[] = [];
  const perDay = DAY_MS / PERIOD_MS;
  for (let day = 1; day <= DAYS; day++) {
    const first = Math.floor((now - day * DAY_MS - from) / PERIOD_MS);
    if (first < 0) break;
    let inUse = false;
    for (let i = first; i < Math.min(sent.length, first + perDay) && !inUse; i++) inUse = sent[i]! > 0;
    if (!inUse) continue;
    let sum = 0;
    for (let i = first; i < first + PERIODS_AHEAD; i++) sum += sent[i] ?? 0;
    rates.push(sum / ((PERIODS_AHEAD * PERIOD_MS) / 1_000));
  }
  if (rates.length < LEAST_DAYS) return undefined;
  rates.sort((a, b) => a - b);
  return { perSecond: Number(rates[Math.floor(SHARE_BELOW * rates.length)]!.toFixed(4)), days: rates.length };
}
