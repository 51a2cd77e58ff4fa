import pLimit from 'p-limit';
import type { Instant, UsualRate } from '../../policies/model/observation.ts';
import type { Clients } from '../aws/clients.ts';
import { readQueueHistory } from './history.ts';

/** A queue's past is read again this often; it changes by one day a day. */
const REFRESH_MS = 6 * 3_600_000;
/** After a failure it is tried again. */
const RETRY_MS = 600_000;
/** Reads under way: a thousand queues must not ask for two weeks each at once. */
const AT_ONCE = 2;
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

/** Returns a reader of pasts for the SeasonReader. */
export function readPast(aws: Pick<Clients, 'cloudwatch'>) {
  return (queueName: string, from: Instant, until: Instant): Promise<Past> =>
    readQueueHistory(aws, queueName, from, until, PERIOD_MS / 1_000);
}

interface Kept {
  past?: Past;
  failure?: unknown;
  /** When it is read again. */
  due: Instant;
}

/**
 * Reads what is usual of queues from CloudWatch's past 14 days: one call for each queue in six hours, two at a time, beside the
 * ticks. No tick waits for it: until it is read, nothing is usual.
 */
export class SeasonReader {
  readonly #read: (queueName: string, from: Instant, until: Instant) => Promise<Past>;
  readonly #now: () => Instant;
  readonly #kept = new Map<string, Kept>();
  readonly #limit = pLimit(AT_ONCE);

  /** `read` returns the past of one queue; `readPast` is the one that asks CloudWatch. */
  constructor(read: (queueName: string, from: Instant, until: Instant) => Promise<Past>, now: () => Instant) {
    this.#read = read;
    this.#now = now;
  }

  /** What is known now. Throws what went wrong the last time, when nothing was ever read. */
  usual(queueName: string): UsualRate | undefined {
    const now = this.#now();
    const kept: Kept = this.#kept.get(queueName) ?? { due: now };
    this.#kept.set(queueName, kept);
    if (now >= kept.due) {
      kept.due = Number.POSITIVE_INFINITY;
      void this.#limit(() => this.#refresh(queueName, kept));
    }
    if (kept.past) return usualRate(kept.past, now);
    if (kept.failure) throw kept.failure;
    return undefined;
  }

  async #refresh(name: string, kept: Kept): Promise<void> {
    const now = this.#now();
    try {
      kept.past = await this.#read(name, now - DAYS * DAY_MS, now);
      kept.due = now + REFRESH_MS;
    } catch (error) {
      kept.failure = error;
      kept.due = now + RETRY_MS;
    }
  }
}
