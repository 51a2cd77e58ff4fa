/**
 * Keeps the points of one metric as CloudWatch does: per second for three hours, and per minute for fifteen days. It does
 * not keep points longer. A bucket holds enough for each statistic; percentiles need a bounded number of distinct values.
 */

export interface Stats {
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** Distinct values with their counts; undefined if there are too many, or if only a statistic set was put. */
export type Values = Map<number, number> | undefined;

export interface Bucket extends Stats {
  values: Values;
  unit: string;
}

export interface Sample extends Stats {
  values: Values;
  unit: string;
  /** Milliseconds since the epoch. */
  at: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
export const FINE_KEPT_MS = 3 * 3_600_000;
export const COARSE_KEPT_MS = 15 * 86_400_000;
/** The most distinct values of a bucket that has percentiles. PutMetricData takes 150 values at once. */
const MAX_VALUES = 150;

function mergeValues(into: Values, from: Values): Values {
  if (!into || !from) return undefined;
  for (const [value, count] of from) into.set(value, (into.get(value) ?? 0) + count);
  return into.size > MAX_VALUES ? undefined : into;
}

/** Adds `from` to `into`, which it changes. */
export function merge(into: Bucket, from: Stats & { values: Values }): void {
  into.count += from.count;
  into.sum += from.sum;
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
  into.values = mergeValues(into.values, from.values);
}

export const emptyBucket = (unit: string): Bucket => ({
  count: 0,
  sum: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  values: new Map(),
  unit,
});

/** Buckets by their start. A late point may come out of order; reads sort. */
class Level {
  readonly #width: number;
  readonly #kept: number;
  readonly #buckets = new Map<number, Bucket>();

  constructor(width: number, kept: number) {
    this.#width = width;
    this.#kept = kept;
  }

  add(sample: Sample): void {
    const start = Math.floor(sample.at / this.#width) * this.#width;
    let bucket = this.#buckets.get(start);
    if (!bucket) {
      bucket = emptyBucket(sample.unit);
      this.#buckets.set(start, bucket);
    }
    merge(bucket, sample);
  }

  prune(now: number): void {
    for (const start of this.#buckets.keys()) {
      // Insertion order is nearly time order; a late point that hides behind a newer one goes a little later.
      if (start >= now - this.#kept) break;
      this.#buckets.delete(start);
    }
  }

  get size(): number {
    return this.#buckets.size;
  }

  *between(from: number, to: number): Generator<[number, Bucket]> {
    for (const [start, bucket] of this.#buckets) if (start >= from && start < to) yield [start, bucket];
  }
}

export class Series {
  readonly #fine = new Level(SECOND_MS, FINE_KEPT_MS);
  readonly #coarse = new Level(MINUTE_MS, COARSE_KEPT_MS);
  lastAt = 0;

  add(sample: Sample, now: number): void {
    if (sample.at >= now - FINE_KEPT_MS) this.#fine.add(sample);
    this.#coarse.add(sample);
    this.lastAt = Math.max(this.lastAt, sample.at);
    this.#fine.prune(now);
    this.#coarse.prune(now);
  }

  /** The number of buckets, for tests of the bounds. */
  get size(): number {
    return this.#fine.size + this.#coarse.size;
  }

  /**
   * Returns buckets of `period` milliseconds by their start: `from`, `from + period` and so on up to, without, `to`. `from` must
   * be at a full second, or at a full minute for periods of whole minutes. With `unit` only points of that unit count.
   */
  read(from: number, to: number, period: number, unit?: string): Map<number, Bucket> {
    const level = period % MINUTE_MS === 0 ? this.#coarse : this.#fine;
    const found = new Map<number, Bucket>();
    for (const [at, bucket] of level.between(from, to)) {
      if (unit !== undefined && bucket.unit !== unit) continue;
      const start = from + Math.floor((at - from) / period) * period;
      const target = found.get(start) ?? emptyBucket(bucket.unit);
      merge(target, bucket);
      found.set(start, target);
    }
    return new Map([...found].sort(([a], [b]) => a - b));
  }
}
