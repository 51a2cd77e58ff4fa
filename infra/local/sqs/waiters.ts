/** Serves receives that wait for messages (long polls), in the order in which they came. */
import type { Clock } from '../clock.ts';

interface Waiter<T> {
  attempt(): T[];
  resolve(value: T[]): void;
  reject(error: Error): void;
  cancel(): void;
}

export class Waiters<T> {
  readonly #clock: Clock;
  readonly #nextDue: () => number | undefined;
  readonly #waiting = new Set<Waiter<T>>();
  #cancelTimer: (() => void) | undefined;
  #timerAt: number | undefined;

  /** @param nextDue the time in milliseconds at which a message becomes available by itself */
  constructor(clock: Clock, nextDue: () => number | undefined) {
    this.#clock = clock;
    this.#nextDue = nextDue;
  }

  /**
   * Tries until `attempt` returns something, `waitMs` are over or `signal` aborts. After an abort `attempt` is not
   * called again: a client that hung up takes no messages with it.
   */
  wait(attempt: () => T[], waitMs: number, signal: AbortSignal): Promise<T[]> {
    if (signal.aborted) return Promise.resolve([]);
    const first = attempt();
    if (first.length > 0 || waitMs <= 0) {
      this.#arm();
      return Promise.resolve(first);
    }
    return new Promise((resolve, reject) => {
      const end = (): void => {
        waiter.cancel();
        resolve([]);
      };
      const stopTimer = this.#clock.after(waitMs, end);
      signal.addEventListener('abort', end);
      const waiter: Waiter<T> = {
        attempt,
        resolve,
        reject,
        cancel: () => {
          stopTimer();
          signal.removeEventListener('abort', end);
          this.#waiting.delete(waiter);
          this.#arm();
        },
      };
      this.#waiting.add(waiter);
      this.#arm();
    });
  }

  /** Serves the waiting receives. To be called whenever a message may have become available. */
  wake(): void {
    for (const waiter of this.#waiting) {
      try {
        const got = waiter.attempt();
        // Whoever waits behind would find nothing either: all want the same messages.
        if (got.length === 0) break;
        waiter.cancel();
        waiter.resolve(got);
      } catch (error) {
        waiter.cancel();
        waiter.reject(error as Error);
      }
    }
    this.#arm();
  }

  /** Ends all waits with an error, e.g. after the queue is deleted. */
  fail(error: Error): void {
    for (const waiter of [...this.#waiting]) {
      waiter.cancel();
      waiter.reject(error);
    }
  }

  /** Keeps one timer for the next due instant while a receive waits. */
  #arm(): void {
    const at = this.#waiting.size > 0 ? this.#nextDue() : undefined;
    if (at === this.#timerAt && this.#cancelTimer) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAt = at;
    if (at === undefined) return;
    this.#cancelTimer = this.#clock.after(at - this.#clock.now(), () => {
      this.#cancelTimer = undefined;
      this.#timerAt = undefined;
      this.wake();
    });
  }
}
