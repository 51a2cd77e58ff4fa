/**
 * Events by time, earliest first; events of the same time in the order in which they were added. A binary heap over three
 * arrays: the libraries keep one object per entry and no order among equals.
 */
export class EventQueue<T> {
  readonly #at: number[] = [];
  readonly #order: number[] = [];
  readonly #what: T[] = [];
  #added = 0;

  get size(): number {
    return this.#at.length;
  }

  /** The time of the earliest event; Infinity when there is none. */
  get next(): number {
    return this.#at.length > 0 ? this.#at[0]! : Number.POSITIVE_INFINITY;
  }

  add(at: number, what: T): void {
    const order = this.#added++;
    let i = this.#at.length;
    this.#at.push(at);
    this.#order.push(order);
    this.#what.push(what);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.#at[parent]! <= at) break;
      this.#move(parent, i);
      i = parent;
    }
    this.#put(i, at, order, what);
  }

  /** Removes the earliest event and returns it. Call only when `size` is above 0. */
  take(): T {
    const first = this.#what[0]!;
    const at = this.#at.pop()!;
    const order = this.#order.pop()!;
    const what = this.#what.pop()!;
    const size = this.#at.length;
    if (size === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#before(child + 1, child)) child++;
      if (at < this.#at[child]! || (at === this.#at[child]! && order < this.#order[child]!)) break;
      this.#move(child, i);
      i = child;
    }
    this.#put(i, at, order, what);
    return first;
  }

  #before(a: number, b: number): boolean {
    return this.#at[a]! < this.#at[b]! || (this.#at[a]! === this.#at[b]! && this.#order[a]! < this.#order[b]!);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#at[from]!, this.#order[from]!, this.#what[from]!);
  }

  #put(i: number, at: number, order: number, what: T): void {
    this.#at[i] = at;
    this.#order[i] = order;
    this.#what[i] = what;
  }
}
