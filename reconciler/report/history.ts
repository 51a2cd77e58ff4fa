import type { Decision } from '../../policies/model/decision.ts';
import type { Instant } from '../../policies/model/observation.ts';
import { deletedBy, type Report, type Reporter } from './reporter.ts';

/** The numbers of one point, in this order. NaN stands for a number that is not known. */
export const SERIES = ['visible', 'inFlight', 'age', 'desired', 'running', 'pending'] as const;
export type SeriesName = (typeof SERIES)[number];

/** Columns of equal length. Times are epoch seconds. */
export type Columns = { at: number[] } & Record<SeriesName, (number | null)[]>;

/** Recent ticks one by one; older ones in buckets, so that six hours take some 30 KB a policy. */
const FINE_POINTS = 300;
const COARSE_POINTS = 900;
export const KEPT_MS = 6 * 3_600_000;
const BUCKET_MS = KEPT_MS / COARSE_POINTS;

/** A ring of points in one block of memory. */
class Ring {
  readonly #size: number;
  readonly #at: Float64Array;
  readonly #values: Float32Array;
  #next = 0;
  #count = 0;

  constructor(size: number) {
    this.#size = size;
    this.#at = new Float64Array(size);
    this.#values = new Float32Array(size * SERIES.length);
  }

  get oldest(): Instant | undefined {
    return this.#count === 0 ? undefined : this.#at[(this.#next - this.#count + this.#size) % this.#size];
  }

  push(at: Instant, values: readonly number[]): void {
    this.#at[this.#next] = at;
    this.#values.set(values, this.#next * SERIES.length);
    this.#next = (this.#next + 1) % this.#size;
    this.#count = Math.min(this.#size, this.#count + 1);
  }

  *points(): Generator<[Instant, Float32Array]> {
    for (let i = 0; i < this.#count; i++) {
      const slot = (this.#next - this.#count + i + this.#size) % this.#size;
      yield [this.#at[slot]!, this.#values.subarray(slot * SERIES.length, (slot + 1) * SERIES.length)];
    }
  }
}

/** Keeps the numbers of one policy's queue and service of the last six hours, in bounded memory. */
export class History {
  readonly #fine = new Ring(FINE_POINTS);
  #coarse: Ring | undefined;
  #bucket: { at: Instant; values: number[] } | undefined;

  add({ at, observation: { queue, service, age } }: Decision): void {
    const q = queue.ok ? queue.value : undefined;
    const s = service.ok ? service.value : undefined;
    const seconds = age?.ok ? age.value?.seconds : undefined;
    const values = [q?.visible, q?.inFlight, seconds, s?.desired, s?.running, s?.pending].map((v) => v ?? Number.NaN);
    this.#fine.push(at, values);
    const start = Math.floor(at / BUCKET_MS) * BUCKET_MS;
    if (this.#bucket && this.#bucket.at !== start) {
      this.#coarse ??= new Ring(COARSE_POINTS);
      this.#coarse.push(this.#bucket.at, this.#bucket.values);
      this.#bucket = undefined;
    }
    // The highest of a bucket: a spike must not disappear because it is old.
    this.#bucket = {
      at: start,
      values: this.#bucket ? values.map((v, i) => highest(v, this.#bucket!.values[i]!)) : values,
    };
  }

  /** Returns the points after `since` (epoch ms), oldest first: buckets up to where single ticks begin. */
  columns(since: Instant): Columns {
    const columns: Columns = { at: [], visible: [], inFlight: [], age: [], desired: [], running: [], pending: [] };
    const fineFrom = this.#fine.oldest ?? Number.POSITIVE_INFINITY;
    for (const [at, values] of this.#coarse?.points() ?? [])
      if (at > since && at + BUCKET_MS <= fineFrom) put(columns, at, values);
    for (const [at, values] of this.#fine.points()) if (at > since) put(columns, at, values);
    return columns;
  }

  /** Returns the last `count` numbers of visible messages, for a sparkline. */
  spark(count: number): number[] {
    return [...this.#fine.points()].slice(-count).map(([, values]) => (Number.isNaN(values[0]) ? 0 : values[0]!));
  }
}

const highest = (a: number, b: number): number => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b));

function put(columns: Columns, at: Instant, values: Float32Array): void {
  columns.at.push(at / 1_000);
  SERIES.forEach((name, i) => {
    const value = values[i]!;
    columns[name].push(Number.isNaN(value) ? null : value);
  });
}

/** Keeps one history for each policy. */
export class Histories implements Reporter {
  readonly name = 'history';
  readonly keeps = "the page's chart";
  readonly #byPolicy = new Map<string, History>();

  get(policy: string): History | undefined {
    return this.#byPolicy.get(policy);
  }

  report(report: Report): void {
    const { event } = report;
    if (event.kind === 'tick') {
      const history = this.get(event.decision.policy) ?? new History();
      this.#byPolicy.set(event.decision.policy, history);
      history.add(event.decision);
    }
    const deleted = deletedBy(report);
    if (deleted !== undefined) this.#byPolicy.delete(deleted);
  }
}
