/** Remembers for five minutes what a FIFO queue needs: sent messages, and receives that a client may repeat. */

/** Source: SQS Developer Guide, "Exactly-once processing in Amazon SQS". */
const MEMORY_MS = 5 * 60_000;

export interface Remembered<T> {
  key: string;
  at: number;
  value: T;
}

/** A map that forgets an entry five minutes after it was set. Entries are in the order of time. */
export class FiveMinutes<T> {
  readonly #entries = new Map<string, Remembered<T>>();

  get(key: string, now: number): T | undefined {
    this.#forget(now);
    return this.#entries.get(key)?.value;
  }

  set(key: string, value: T, now: number): Remembered<T> {
    this.#forget(now);
    const entry = { key, at: now, value };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  clear(): void {
    this.#entries.clear();
  }

  all(): IterableIterator<Remembered<T>> {
    return this.#entries.values();
  }

  restore(entries: readonly Remembered<T>[]): void {
    for (const entry of [...entries].sort((a, b) => a.at - b.at)) this.#entries.set(entry.key, entry);
  }

  #forget(now: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.at + MEMORY_MS > now) break;
      this.#entries.delete(entry.key);
    }
  }
}
