import pLimit from 'p-limit';
import type { Instant, UsualRate } from '../../policies/model/observation.ts';
import { DAYS, type Past, PERIOD_MS, usualRate } from '../../policies/scaling/estimate/usual-rate.ts';
import type { Clients } from '../aws/clients.ts';
import { readQueueHistory } from './history.ts';

/** A queue's past is read again this often; it changes by one day a day. */
const REFRESH_MS = 6 * 3_600_000;
/** After a failure it is tried again. */
const RETRY_MS = 600_000;
/** Reads under way: a thousand queues must not ask for two weeks each at once. */
const AT_ONCE = 2;
const DAY_MS = 86_400_000;

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

  /** Returns the latest value. If nothing was ever read, throws the last error. */
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
