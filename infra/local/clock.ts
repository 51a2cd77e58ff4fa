/** The embedded AWS reads the time and sets timers only through this port. Tests give it a clock of their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Runs `fn` once after `ms` milliseconds; the returned function cancels it. Never keeps the process alive by itself.
   */
  after(ms: number, fn: () => void): () => void;
}

/**
 * The longest wait of setTimeout, in milliseconds (2^31 - 1). It turns longer waits into 1 ms, so they are cut into
 * pieces.
 */
const LONGEST_TIMEOUT = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, fn) {
    let handle: NodeJS.Timeout;
    const arm = (left: number): void => {
      const piece = Math.min(Math.max(0, left), LONGEST_TIMEOUT);
      handle = setTimeout(() => (left > piece ? arm(left - piece) : fn()), piece);
      handle.unref();
    };
    arm(ms);
    return () => clearTimeout(handle);
  },
};

interface Timer {
  at: number;
  order: number;
  fn: () => void;
}

/** A clock for tests. It moves only by `advance`, which runs the timers that fall due, in order of time. */
export class ManualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(start = 1_700_000_000_000) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, fn };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves the time forward by `ms` milliseconds and fires each timer at its own instant. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      let next: Timer | undefined;
      for (const timer of this.#timers) {
        if (timer.at > end) continue;
        if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
      }
      if (!next) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.fn();
    }
    this.#now = end;
  }
}
