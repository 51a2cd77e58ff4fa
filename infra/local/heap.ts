/** A binary heap that can give up any item, not only the first. Add, remove and shift take O(log n). */
export class Heap<T extends object> {
  readonly #items: T[] = [];
  readonly #at = new Map<T, number>();
  readonly #before: (a: T, b: T) => boolean;

  /** @param before whether `a` comes out before `b`; it must not change for items inside the heap */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  has(item: T): boolean {
    return this.#at.has(item);
  }

  add(item: T): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1, item);
  }

  shift(): T | undefined {
    const first = this.#items[0];
    if (first) this.remove(first);
    return first;
  }

  /** Removes an item. Returns false if it is not inside. */
  remove(item: T): boolean {
    const at = this.#at.get(item);
    if (at === undefined) return false;
    this.#at.delete(item);
    const last = this.#items.pop() as T;
    if (last !== item) this.#sink(this.#rise(at, last), last);
    return true;
  }

  clear(): void {
    this.#items.length = 0;
    this.#at.clear();
  }

  /** Returns all items, in no particular order. */
  values(): IterableIterator<T> {
    return this.#items.values();
  }

  #place(at: number, item: T): void {
    this.#items[at] = item;
    this.#at.set(item, at);
  }

  #rise(from: number, item: T): number {
    let at = from;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#items[parentAt] as T;
      if (!this.#before(item, parent)) break;
      this.#place(at, parent);
      at = parentAt;
    }
    this.#place(at, item);
    return at;
  }

  #sink(from: number, item: T): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.#items.length) break;
      const right = left + 1;
      const rightFirst = right < this.#items.length && this.#before(this.#items[right] as T, this.#items[left] as T);
      const childAt = rightFirst ? right : left;
      const child = this.#items[childAt] as T;
      if (!this.#before(child, item)) break;
      this.#place(at, child);
      at = childAt;
    }
    this.#place(at, item);
  }
}
