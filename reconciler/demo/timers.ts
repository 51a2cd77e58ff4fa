/** Timers that end together. */
export class Timers {
  readonly #timers = new Set<NodeJS.Timeout>();
  #ended = false;

  /** True after `end`. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Calls `run` once, after `ms`. */
  after(ms: number, run: () => void): void {
    if (!this.#ended) this.#timers.add(setTimeout(run, ms));
  }

  /** Calls `run` every `ms`. */
  every(ms: number, run: () => void): void {
    if (!this.#ended) this.#timers.add(setInterval(run, ms));
  }

  /** Ends all timers, and lets no new one begin. */
  end(): void {
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
