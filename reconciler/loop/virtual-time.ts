import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';

interface Entry {
  at: number;
  order: number;
  run: () => void;
  cancelled: boolean;
}

/**
 * An RxJS scheduler on virtual time: `advanceTo` runs what falls due, in order of time and then of scheduling. RxJS's own
 * VirtualTimeScheduler sorts its whole queue at every call and keeps cancelled and past actions; over a simulated week
 * that is quadratic. This one is a binary heap.
 */
export class VirtualScheduler implements SchedulerLike {
  #now: number;
  #order = 0;
  readonly #heap: Entry[] = [];

  constructor(start = 0) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    return new Action(this, work).schedule(state, delay);
  }

  /** Runs `run` after `delay` milliseconds; the result cancels it. */
  at(delay: number, run: () => void): () => void {
    const entry = { at: this.#now + Math.max(0, delay), order: this.#order++, run, cancelled: false };
    this.#push(entry);
    return () => {
      entry.cancelled = true;
    };
  }

  /** Moves time on to `end` (epoch ms), running all that falls due up to and at it. */
  advanceTo(end: number): void {
    for (let next = this.#heap[0]; next && next.at <= end; next = this.#heap[0]) {
      this.#pop();
      if (next.cancelled) continue;
      this.#now = next.at;
      next.run();
    }
    this.#now = Math.max(this.#now, end);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (before(heap[parent]!, entry)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (before(last, heap[child]!)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** One piece of work that may schedule itself again, as RxJS's timers do. */
class Action<T> extends Subscription implements SchedulerAction<T> {
  readonly #scheduler: VirtualScheduler;
  readonly #work: (this: SchedulerAction<T>, state?: T) => void;
  #cancel: (() => void) | undefined;

  constructor(scheduler: VirtualScheduler, work: (this: SchedulerAction<T>, state?: T) => void) {
    super(() => this.#cancel?.());
    this.#scheduler = scheduler;
    this.#work = work;
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    this.#cancel?.();
    this.#cancel = this.#scheduler.at(delay, () => {
      this.#cancel = undefined;
      if (!this.closed) this.#work.call(this, state);
    });
    return this;
  }
}
