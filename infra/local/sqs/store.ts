/**
 * Keeps the messages of one queue and the place of each: available, delayed or in flight.
 *
 * Nothing here runs on a timer. `settle(now)` moves what has fallen due since the last look, and every method that
 * reads or takes begins with it; so the counters are right at any instant, whether or not anybody receives.
 * Each step costs O(log n).
 */
import { Heap } from '../heap.ts';
import { type Available, FifoAvailable, StandardAvailable } from './available.ts';
import type { QueueKeeper } from './kept.ts';
import type { Message } from './message.ts';

export interface Counts {
  visible: number;
  inFlight: number;
  delayed: number;
}

/** Receives without a delete after which a standard queue puts a message at the back and out of the age metric. */
const RECEIVES_UNTIL_BACK = 3;

export class MessageStore {
  readonly #fifo: boolean;
  readonly #keeper: QueueKeeper;
  readonly #byId = new Map<string, Message>();
  readonly #available: Available;
  /** Delayed and in-flight messages, by the time at which they become available. */
  readonly #due = new Heap<Message>(
    (a, b) => a.visibleAt < b.visibleAt || (a.visibleAt === b.visibleAt && a.order < b.order),
  );
  /** All messages by the time of their sending, for retention. */
  readonly #bySent = new Heap<Message>((a, b) => a.sentAt < b.sentAt);
  /** The messages that count for the age of the oldest, by their arrival. */
  readonly #aging = new Heap<Message>((a, b) => a.arrivedAt < b.arrivedAt);
  #delayed = 0;
  #inFlight = 0;
  #lastOrder = 0;
  /** Milliseconds. The queue sets it from its attribute. */
  retentionMs = 0;

  constructor(fifo: boolean, keeper: QueueKeeper) {
    this.#fifo = fifo;
    this.#keeper = keeper;
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
    this.#keeper.message(message);
  }

  /** Puts back a kept message at its place. */
  restore(message: Message): void {
    this.#lastOrder = Math.max(this.#lastOrder, message.order);
    if (message.place === 'inFlight') this.#available.hold(message);
    this.#index(message);
  }

  /** Moves the messages whose delay or visibility timeout ended by `now`, and forgets those past their retention. */
  settle(now: number): void {
    for (let first = this.#due.peek(); first && first.visibleAt <= now; first = this.#due.peek()) this.#comeBack(first);
    const oldest = now - this.retentionMs;
    for (let first = this.#bySent.peek(); first && first.sentAt <= oldest; first = this.#bySent.peek())
      this.forget(first);
  }

  /** Takes out the next available message. The caller must then call `putInFlight` or `forget`. */
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
    this.#keeper.delivery(message);
    if (!this.#fifo && message.receivesHere >= RECEIVES_UNTIL_BACK) this.#aging.remove(message);
  }

  /** Changes the time at which a message in flight becomes available. */
  reschedule(message: Message, until: number, now: number): void {
    this.#due.remove(message);
    message.visibleAt = until;
    this.#due.add(message);
    this.#keeper.delivery(message);
    this.settle(now);
  }

  forget(message: Message): void {
    if (!this.#byId.delete(message.id)) return;
    this.#keeper.removed(message);
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
    this.#keeper.purged();
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

  /** Returns the message groups with messages in flight; undefined for a standard queue. */
  groupsInFlight(now: number): number | undefined {
    this.settle(now);
    return this.#available.groupsInFlight;
  }

  /** Returns the milliseconds since the arrival of the oldest message that counts; undefined without one. */
  oldestAge(now: number): number | undefined {
    this.settle(now);
    const oldest = this.#aging.peek();
    return oldest && now - oldest.arrivedAt;
  }

  /** Returns the time at which the next delayed or invisible message becomes available; undefined without one. */
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
