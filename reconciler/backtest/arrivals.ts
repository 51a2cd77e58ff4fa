/** Arriving jobs, in order of time. They are made step by step, so that a long trace needs little memory. */
import { random } from '../../policies/grammar/random.ts';
import { normal, type Sampler } from './service-time.ts';

/** Counts of arrivals in steps of equal length. */
export interface Trace {
  name: string;
  /** Seconds of one step. */
  step: number;
  counts: ArrayLike<number>;
}

export interface LoadOptions {
  trace: Trace;
  serviceTime: Sampler;
  seed: number;
  /** Share of the arrivals that is kept, 0 to 1. */
  keep: number;
  /** Seconds of the trace that are played. */
  duration: number;
}

export const traceSeconds = ({ step, counts }: Trace): number => step * counts.length;

/** Returns the mean arrivals per second over the whole trace. */
export function meanRate(trace: Trace): number {
  let total = 0;
  for (let i = 0; i < trace.counts.length; i++) total += trace.counts[i]!;
  return total / Math.max(1, traceSeconds(trace));
}

/**
 * Returns the share of arrivals to keep so that `busy` workers are busy on average over the whole trace. It is at most 1:
 * no arrivals are added to a lighter trace.
 */
export function thinning(trace: Trace, serviceTime: Sampler, busy: number): number {
  return Math.min(1, busy / Math.max(1e-9, meanRate(trace) * serviceTime.mean));
}

/**
 * A stream of arrivals: `time` and `service` are those of the next job, in seconds, and `advance()` moves to the one after
 * it. Equal options give equal jobs, whatever the fleet does, so that controllers are compared on equal terms.
 */
export class Load {
  /** Seconds from the start; Infinity after the last. */
  time = Number.POSITIVE_INFINITY;
  service = 0;
  /** So far: arrivals, and seconds of work in them. */
  arrived = 0;
  work = 0;
  readonly #options: LoadOptions;
  readonly #random: () => number;
  readonly #steps: number;
  #step = 0;
  #times = new Float64Array(0);
  #next = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#random = random(options.seed);
    this.#steps = Math.min(options.trace.counts.length, Math.ceil(options.duration / options.trace.step));
    this.advance();
  }

  advance(): void {
    while (this.#next >= this.#times.length) {
      if (this.#step >= this.#steps) {
        this.time = Number.POSITIVE_INFINITY;
        return;
      }
      this.#fill();
    }
    this.time = this.#times[this.#next++]!;
    if (this.time >= this.#options.duration) {
      this.time = Number.POSITIVE_INFINITY;
      return;
    }
    this.service = this.#options.serviceTime.sample(this.#random);
    this.arrived++;
    this.work += this.service;
  }

  /** Makes the arrivals of the next step: scaled down, at random times, in order. */
  #fill(): void {
    const { trace, keep } = this.#options;
    const start = this.#step * trace.step;
    const count = binomial(trace.counts[this.#step]!, keep, this.#random);
    const times = new Float64Array(count);
    for (let i = 0; i < count; i++) times[i] = start + this.#random() * trace.step;
    this.#times = times.sort();
    this.#next = 0;
    this.#step++;
  }
}

/** Draws how many of `n` are kept with probability `p`: exactly for small n*p, else by the normal approximation. */
export function binomial(n: number, p: number, random: () => number): number {
  if (p >= 1 || n === 0) return n;
  if (n * p * (1 - p) > 400) {
    const draw = Math.round(n * p + Math.sqrt(n * p * (1 - p)) * normal(random));
    return Math.min(n, Math.max(0, draw));
  }
  // Gaps between kept ones are geometric, so there are only as many draws as are kept.
  const scale = 1 / Math.log1p(-p);
  let kept = 0;
  for (let i = Math.floor(Math.log(1 - random()) * scale); i < n; i += 1 + Math.floor(Math.log(1 - random()) * scale))
    kept++;
  return kept;
}
