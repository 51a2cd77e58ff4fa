import type { Instant, UsualRate } from '../../policies/observation.ts';
import type { Aws } from '../aws/client.ts';
import { readQueueHistory } from './history.ts';

/** A queue's past is read again this often; it changes by one day a day. */
const REFRESH_MS = 6 * 3_600_000;
const DAY_MS = 86_400_000;
const DAYS = 14;
/** Fewer days than this are no habit. */
const LEAST_DAYS = 4;
/** What comes in the next so many periods counts. */
const PERIODS_AHEAD = 2;
/** Of the past days, three in four had at least the rate that is called usual. */
const SHARE_BELOW = 0.25;

/** Milliseconds of one entry of the past. */
export const PERIOD_MS = 300_000;

/** Messages sent in each period from `from` on. */
export interface Past {
  from: Instant;
  sent: ArrayLike<number>;
}

/**
 * The arrivals a second that at least three of four past days had at this time of day, for the next ten minutes. Undefined
 * while fewer than four days are known. Days on which nothing at all was sent do not count: the queue was not in use.
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

/** Reads what is usual of queues from CloudWatch's past 14 days: one call for each queue in six hours. */
export class SeasonReader {
  readonly #aws: Aws;
  readonly #now: () => Instant;
  readonly #kept = new Map<string, { at: Instant; past: Promise<Past> }>();

  constructor(aws: Aws, now: () => Instant) {
    this.#aws = aws;
    this.#now = now;
  }

  async usual(queueName: string): Promise<UsualRate | undefined> {
    const now = this.#now();
    let kept = this.#kept.get(queueName);
    if (!kept || now - kept.at >= REFRESH_MS) {
      const past = readQueueHistory(this.#aws, queueName, now - DAYS * DAY_MS, now, PERIOD_MS / 1_000);
      kept = { at: now, past };
      this.#kept.set(queueName, kept);
      // What failed is asked for again in a while, not at every tick.
      past.catch(() => {});
    }
    return usualRate(await kept.past, now);
  }
}
