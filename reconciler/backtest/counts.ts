/**
 * The queue counts as GetQueueAttributes would give them: of a moment ago, not quite right, at times of something that is
 * not there. AWS calls them approximate and gives no figures (SQS Developer Guide, "Available CloudWatch metrics": after
 * the producers stop it can take a minute until they agree); ghosts of one or two messages on empty queues, a minute long,
 * are reported in kedacore/keda#7845. So each flaw is an option, and the default is none.
 */
import { random as seeded } from '../../policies/grammar/random.ts';
import type { MinutePoint } from './cloudwatch.ts';
import type { Seen, Timeline } from './timeline.ts';

export interface CountsOptions {
  /** Age of the counts in seconds, 0 to 60. With several shards the mean of theirs. */
  countDelay: number;
  /** Largest relative error of a count, 0 to 1; each error is random. */
  countNoise: number;
  /** Parts of the queue that report each on its own, 1 to 100; the age of a part is anew 0 to twice the delay each minute. */
  countShards: number;
  /** Share of the parts that a look misses, 0 to 1: their messages are not counted. */
  countMisses: number;
  /** Share of the minutes, 0 to 1, in which an empty count reads 1 or 2. */
  countGhosts: number;
  seed: number;
}

const GHOST_S = 60;

/** A queue whose true counts can be read. */
export interface Counted extends Seen {
  timeline: Timeline;
}

/** Reads a queue's counts with the flaws asked for. Without any, the counts are exact. */
export class Counts {
  readonly #queue: Counted;
  readonly #options: CountsOptions;
  readonly #random: () => number;
  #lags: number[] = [];
  #lagsOf = -1;

  constructor(queue: Counted, options: CountsOptions) {
    this.#queue = queue;
    this.#options = options;
    this.#random = seeded(options.seed ^ 0x3c6ef372);
  }

  /** Returns what a look at `now`, in seconds, sees. */
  at(now: number): Seen {
    const { visible, inFlight } = this.#aged(now);
    return {
      visible: this.#ghost(now, this.#noisy(visible), 1),
      inFlight: this.#ghost(now, this.#noisy(inFlight), 2),
    };
  }

  /** Returns CloudWatch's points with the error of the counts that they are made of: the same at each reading. */
  minutes(points: readonly MinutePoint[]): readonly MinutePoint[] {
    const { countNoise, countGhosts, seed } = this.#options;
    if (countNoise === 0 && countGhosts === 0) return points;
    return points.map((point) => {
      const factor = 1 + countNoise * (2 * seeded(seed ^ Math.imul(point.end, 0x9e3779b1))() - 1);
      const visible = this.#ghost(point.end - GHOST_S, point.visible * factor, 1);
      return { ...point, visible, highest: Math.max(visible, Math.round(point.highest * factor)) };
    });
  }

  #aged(now: number): Seen {
    const { countDelay, countShards, countMisses } = this.#options;
    const { visible, inFlight, timeline } = this.#queue;
    if (countShards === 1 && countMisses === 0)
      return countDelay === 0 ? { visible, inFlight } : timeline.at(now - countDelay);
    let [seenVisible, seenInFlight] = [0, 0];
    for (const lag of this.#shardLags(now)) {
      if (countMisses > 0 && this.#random() < countMisses) continue;
      const seen = lag === 0 ? { visible, inFlight } : timeline.at(now - lag);
      seenVisible += seen.visible;
      seenInFlight += seen.inFlight;
    }
    return { visible: Math.round(seenVisible / countShards), inFlight: Math.round(seenInFlight / countShards) };
  }

  #shardLags(now: number): readonly number[] {
    const minute = Math.floor(now / 60);
    if (minute !== this.#lagsOf) {
      const { countDelay, countShards } = this.#options;
      this.#lags = Array.from({ length: countShards }, () =>
        countShards === 1 ? countDelay : 2 * countDelay * this.#random(),
      );
      this.#lagsOf = minute;
    }
    return this.#lags;
  }

  #noisy(count: number): number {
    const { countNoise } = this.#options;
    return countNoise === 0 ? count : Math.max(0, Math.round(count * (1 + countNoise * (2 * this.#random() - 1))));
  }

  /** Returns 1 or 2 for an empty count in a minute that has a ghost; `of` tells the counts apart. */
  #ghost(now: number, count: number, of: number): number {
    const { countGhosts, seed } = this.#options;
    if (countGhosts === 0 || count > 0) return count;
    const minute = seeded(seed ^ Math.imul(Math.floor(now / GHOST_S) * 2 + of, 0x85ebca6b));
    return minute() < countGhosts ? 1 + Math.floor(2 * minute()) : 0;
  }
}
