/** Waits of messages: a histogram whose bins are 1 % wide, so that a year needs no more memory than a minute. */

const FINEST_S = 0.01;
const GROWTH = Math.log(1.01);

export class Waits {
  count = 0;
  max = 0;
  /** Waits of at most the target. */
  within = 0;
  readonly #target: number;
  readonly #bins: number[] = [];

  /** `target` in seconds. */
  constructor(target: number) {
    this.#target = target;
  }

  /** Adds the wait of one message, in seconds. */
  add(wait: number): void {
    this.count++;
    if (wait > this.max) this.max = wait;
    if (wait <= this.#target) this.within++;
    const bin = wait <= FINEST_S ? 0 : 1 + Math.floor(Math.log(wait / FINEST_S) / GROWTH);
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
  }

  /** Returns the wait that a share `q` (0 to 1) of messages did not exceed, in seconds, to 1 %; 0 without messages. */
  quantile(q: number): number {
    let left = q * this.count;
    for (let bin = 0; bin < this.#bins.length; bin++) {
      left -= this.#bins[bin] ?? 0;
      if (left <= 0 && (this.#bins[bin] ?? 0) > 0)
        return bin === 0 ? 0 : Math.min(this.max, FINEST_S * Math.exp((bin - 0.5) * GROWTH));
    }
    return this.max;
  }
}
