import type { Instant, Reading } from '../../policies/model/observation.ts';
import { late, read, within } from './reading.ts';

/** An answer older than this is not shown any more when no newer one comes. */
const LONGEST_KEPT_MS = 300_000;

interface Kept<T> {
  /** When the last call started. */
  startedAt: Instant;
  underWay: Promise<Reading<T>> | undefined;
  last: Reading<T> | undefined;
}

export interface OptionalReadOptions {
  /** The IAM action that a failure names. */
  action: string;
  now: () => Instant;
}

/**
 * A reading that a tick can do without. No tick waits for it longer than its limit: then the last good answer is returned, as
 * old as it is, and the call goes on for the next tick. There is never more than one call under way for a key.
 */
export class OptionalRead<T> {
  readonly #options: OptionalReadOptions;
  readonly #kept = new Map<string, Kept<T>>();

  constructor(options: OptionalReadOptions) {
    this.#options = options;
  }

  /**
   * Returns the reading for `key` within `limit` milliseconds. `load` is called `interval` milliseconds after the last call
   * for the key.
   */
  async get(key: string, limit: number, interval: number, load: () => Promise<T>): Promise<Reading<T>> {
    const { action, now } = this.#options;
    const kept = this.#keptFor(key, interval, load);
    const reading = kept.underWay ? await within(limit, kept.underWay) : kept.last;
    if (reading) return reading;
    const { last } = kept;
    return last?.ok && now() - last.at <= LONGEST_KEPT_MS ? last : late(action, kept.startedAt, limit);
  }

  #keptFor(key: string, interval: number, load: () => Promise<T>): Kept<T> {
    const { action, now } = this.#options;
    const before = this.#kept.get(key);
    if (before && (before.underWay || now() - before.startedAt < interval)) return before;
    const kept: Kept<T> = { startedAt: now(), underWay: undefined, last: before?.last };
    kept.underWay = read(action, now, load).then((reading) => {
      kept.last = reading;
      kept.underWay = undefined;
      return reading;
    });
    this.#kept.set(key, kept);
    return kept;
  }
}
