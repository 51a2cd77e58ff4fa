import type { MinuteDeleted, QueueRates } from '../../policies/model/observation.ts';
import type { CloudWatch, MinutePoint } from './cloudwatch.ts';

/** The paces of production in seconds; see reconciler/observe/metrics-pace.ts. */
const YOUNG_S = 1_800;
const CLOSELY_S = 60;
const RATES_EVERY_S = 600;
const DELETED_EVERY_S = 120;
/** Minutes of deletions that are told beside the rates. */
const TOLD = 2;

/** Reads the rates of a plant at the pace of production: each minute at first, then the deletions more often than the rest. */
export class Rates {
  readonly #cloudwatch: CloudWatch;
  /** Epoch milliseconds of second 0. */
  readonly #start: number;
  #since: number | undefined;
  #rates = { at: Number.NEGATIVE_INFINITY, point: undefined as MinutePoint | undefined };
  #deleted = { at: Number.NEGATIVE_INFINITY, points: [] as MinutePoint[] };

  constructor(cloudwatch: CloudWatch, start: number) {
    this.#cloudwatch = cloudwatch;
    this.#start = start;
  }

  /** Returns the rates that are known at `now`, in seconds; undefined before CloudWatch has a point. */
  at(now: number): QueueRates | undefined {
    this.#since ??= now;
    const young = now - this.#since < YOUNG_S;
    if (now - this.#rates.at >= (young ? CLOSELY_S : RATES_EVERY_S)) {
      const points = this.#cloudwatch.readable(now);
      this.#rates = { at: now, point: points.at(-1) };
      this.#deleted = { at: now, points: points.slice(-TOLD) };
    } else if (now - this.#deleted.at >= DELETED_EVERY_S) {
      this.#deleted = { at: now, points: this.#cloudwatch.readable(now).slice(-TOLD) };
    }
    const { point } = this.#rates;
    if (!point) return undefined;
    const later = this.#deleted.points.filter(({ end }) => end > point.end).map((p) => this.#minute(p));
    return {
      sent: point.sent,
      received: point.received,
      ...this.#minute(point),
      period: 60,
      ...(later.length > 0 ? { later } : {}),
    };
  }

  #minute({ end, deleted }: MinutePoint): MinuteDeleted {
    return { until: this.#start + end * 1_000, deleted };
  }
}
