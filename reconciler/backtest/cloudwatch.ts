import type { Plant } from './plant.ts';

/** The points of one minute. Rates are messages per second; counts are averages over the minute. */
export interface MinutePoint {
  /** End of the minute, in seconds. */
  end: number;
  visible: number;
  /** The most that were visible at any time of the minute. */
  highest: number;
  running: number;
  sent: number;
  received: number;
  deleted: number;
  /** Age of the oldest message in seconds, at the minute's end. */
  oldestAge: number;
}

const MINUTE = 60;
/** Seconds of one entry of the past, and entries that are kept: two weeks. */
const SEASON = 300;
const SEASONS_KEPT = 14 * 288;
/** Minutes that are kept: no controller looks back further. */
const KEPT = 40;

/** The minute points of a plant, each of which can be read `lag` seconds after its minute has ended. */
export class CloudWatch {
  readonly #plant: Plant;
  readonly #lag: number;
  readonly #points: MinutePoint[] = [];
  /** Messages sent in each five minutes of the last fourteen days, and when the first of them began. */
  readonly past: { from: number; sent: number[] } = { from: 0, sent: [] };
  #sentBefore = 0;
  #before = { visible: 0, running: 0, sent: 0, received: 0, deleted: 0 };
  #next = MINUTE;

  constructor(plant: Plant, lag: number) {
    this.#plant = plant;
    this.#lag = lag;
  }

  /** Moves the plant to `now` and notes each minute that ends on the way. */
  advanceTo(now: number): void {
    for (; this.#next <= now; this.#next += MINUTE) {
      this.#plant.advanceTo(this.#next);
      this.#note(this.#next);
    }
    this.#plant.advanceTo(now);
  }

  /** Returns the points that can be read at `now`, latest last. */
  readable(now: number): MinutePoint[] {
    let end = this.#points.length;
    while (end > 0 && this.#points[end - 1]!.end + this.#lag > now) end--;
    return this.#points.slice(0, end);
  }

  #note(end: number): void {
    const { integral, total } = this.#plant;
    const now = {
      visible: integral.visible,
      running: integral.running,
      sent: total.sent,
      received: total.received,
      deleted: total.deleted,
    };
    const per = (name: keyof typeof now): number => (now[name] - this.#before[name]) / MINUTE;
    this.#points.push({
      end,
      highest: this.#plant.highest,
      oldestAge: this.#plant.oldestAge,
      visible: per('visible'),
      running: per('running'),
      sent: per('sent'),
      received: per('received'),
      deleted: per('deleted'),
    });
    if (this.#points.length > KEPT) this.#points.shift();
    if (end % SEASON === 0) {
      this.past.sent.push(total.sent - this.#sentBefore);
      this.#sentBefore = total.sent;
      if (this.past.sent.length > SEASONS_KEPT) {
        this.past.sent.shift();
        this.past.from += SEASON;
      }
    }
    this.#plant.highest = this.#plant.visible;
    this.#before = now;
  }
}
