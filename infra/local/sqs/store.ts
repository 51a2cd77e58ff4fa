/**
 * The messages of one queue and where each of them stands: available, delayed or in flight.
 *
 * Nothing here runs on a timer. `settle(now)` moves what has fallen due since the last look, and every method that
 * reads or takes begins with it; so the counters are right at any instant, whether or not anybody receives.
 * Each step costs O(log n).
 */
import { Heap } from '../heap.ts';
import { type Available, FifoAvailable, StandardAvailable } from './available.ts';
import type { Message } from './message.ts';

export interface Counts {
  visible: number;
  inFlight: number;
  delayed: number;
}

/**
 * A standard queue puts a message that was received this often without a delete at the back, and out of the age metric.
 */
const RECEIVES_UNTIL_BACK = 3;

export class MessageStore {
  readonly #fifo: boolean;
  readonly #byId = new Map<string, Message>();
  readonly #available: Available;
  /** Delayed and in flight, by when they become available. */
  readonly #due = new Heap<Message>(
    (a, b) => a.visibleAt < b.visibleAt || (a.visibleAt === b.visibleAt && a.order < b.order),
  );
  /** All, by when they were sent: for retention. */
  readonly #bySent = new Heap<Message>((a, b) => a.sentAt < b.sentAt);
  /** Those that count for the age of the oldest, by when they came. */
  readonly #aging = new Heap<Message>((a, b) => a.arrivedAt < b.arrivedAt);
  #delayed = 0;
  #inFlight = 0;
  #lastOrder = 0;
  /** Milliseconds; follows the queue's attribute. */
  retentionMs = 0;

  constructor(fifo: boolean) {
    this.#fifo = fifo;
    this.#available = fifo ? new FifoAvailable() : new StandardAvailable();
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Message | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<Message> {
    return this.#byId.values();
  }

  nextOrder(): number {
    return ++this.#lastOrder;
  }

  /** Adds a new message, which waits until its `visibleAt`. */
  add(message: Message, now: number): void {
    message.place = message.visibleAt > now ? 'delayed' : 'available';
    this.#index(message);
  }

  /** Puts back a saved message where it stood. */
  restore(message: Message): void {
    this.#lastOrder = Math.max(this.#lastOrder, message.order);
    if (message.place === 'inFlight') this.#available.hold(message);
    this.#index(message);
  }

  /** Moves what fell due by `now`: delays and visibility timeouts that ended, and messages past their retention. */
  settle(now: number): void {
    for (let first = this.#due.peek(); first && first.visibleAt <= now; first = this.#due.peek()) this.#comeBack(first);
    const oldest = now - this.retentionMs;
    for (let first = this.#bySent.peek(); first && first.sentAt <= oldest; first = this.#bySent.peek())
      this.forget(first);
  }

  /** Takes the next available message out; it must then be given to `putInFlight` or `forget`. */
  take(taken: readonly Message[]): Message | undefined {
    const message = this.#available.take(taken);
    if (message) {
      message.place = 'inFlight';
      this.#inFlight++;
    }
    return message;
  }

  putInFlight(message: Message, until: number): void {
    message.visibleAt = until;
    this.#due.add(message);
    if (!this.#fifo && message.receivesHere >= RECEIVES_UNTIL_BACK) this.#aging.remove(message);
  }

  /** Changes when a message that is in flight becomes available. */
  reschedule(message: Message, until: number, now: number): void {
    this.#due.remove(message);
    message.visibleAt = until;
    this.#due.add(message);
    this.settle(now);
  }

  forget(message: Message): void {
    if (!this.#byId.delete(message.id)) return;
    this.#due.remove(message);
    this.#bySent.remove(message);
    this.#aging.remove(message);
    if (message.place === 'available') this.#available.remove(message);
    if (message.place === 'delayed') this.#delayed--;
    if (message.place === 'inFlight') {
      this.#inFlight--;
      this.#available.release(message);
    }
  }

  clear(): void {
    this.#byId.clear();
    this.#available.clear();
    for (const heap of [this.#due, this.#bySent, this.#aging]) heap.clear();
    this.#delayed = 0;
    this.#inFlight = 0;
  }

  counts(now: number): Counts {
    this.settle(now);
    return { visible: this.#available.size, inFlight: this.#inFlight, delayed: this.#delayed };
  }

  /** Milliseconds since the oldest message that counts came in; undefined when there is none. */
  oldestAge(now: number): number | undefined {
    this.settle(now);
    const oldest = this.#aging.peek();
    return oldest && now - oldest.arrivedAt;
  }

  /** When the next delayed or invisible message becomes available; undefined when there is none. */
  nextDue(): number | undefined {
    return this.#due.peek()?.visibleAt;
  }

  #index(message: Message): void {
    this.#byId.set(message.id, message);
    this.#bySent.add(message);
    if (message.place === 'available') this.#available.add(message);
    else this.#due.add(message);
    if (message.place === 'delayed') this.#delayed++;
    if (message.place === 'inFlight') this.#inFlight++;
    if (message.place !== 'delayed' && (this.#fifo || message.receivesHere < RECEIVES_UNTIL_BACK))
      this.#aging.add(message);
  }

  #comeBack(message: Message): void {
    this.#due.remove(message);
    if (message.place === 'delayed') {
      this.#delayed--;
      this.#aging.add(message);
    } else {
      this.#inFlight--;
      this.#available.release(message);
      if (!this.#fifo && message.receivesHere >= RECEIVES_UNTIL_BACK) message.order = this.nextOrder();
    }
    message.place = 'available';
    this.#available.add(message);
  }
}
