/** Keeps the messages that can be received, in the order in which a queue hands them out. */
import { Heap } from '../heap.ts';
import type { Message } from './message.ts';

export interface Available {
  readonly size: number;
  /** Groups with messages in flight; undefined for a queue without groups. */
  readonly groupsInFlight: number | undefined;
  add(message: Message): void;
  remove(message: Message): void;
  /** Takes the next message; undefined if there is none. `taken`: the messages that the same receive has already. */
  take(taken: readonly Message[]): Message | undefined;
  /** Notes that a message that was taken is no longer in flight. The caller then adds it again or forgets it. */
  release(message: Message): void;
  /** Counts a message of a restored queue as in flight. */
  hold(message: Message): void;
  clear(): void;
}

const byOrder = (a: Message, b: Message): boolean => a.order < b.order;

export class StandardAvailable implements Available {
  readonly groupsInFlight = undefined;
  readonly #heap = new Heap<Message>(byOrder);

  get size(): number {
    return this.#heap.size;
  }

  add(message: Message): void {
    this.#heap.add(message);
  }

  remove(message: Message): void {
    this.#heap.remove(message);
  }

  take(): Message | undefined {
    return this.#heap.shift();
  }

  release(): void {}

  hold(): void {}

  clear(): void {
    this.#heap.clear();
  }
}

interface Group {
  id: string;
  waiting: Heap<Message>;
  inFlight: number;
  /** The order of its first waiting message. It is kept apart because a heap's keys must not change inside the heap. */
  head: number;
}

/**
 * Keeps the messages of a FIFO queue by group. A group with a message in flight is locked, except to the receive that
 * locked it: that may take several of the group. Source: SQS Developer Guide, "FIFO delivery logic".
 */
export class FifoAvailable implements Available {
  readonly #groups = new Map<string, Group>();
  readonly #open = new Heap<Group>((a, b) => a.head < b.head);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get groupsInFlight(): number {
    let locked = 0;
    for (const { inFlight } of this.#groups.values()) if (inFlight > 0) locked++;
    return locked;
  }

  add(message: Message): void {
    const group = this.#group(message);
    group.waiting.add(message);
    this.#size++;
    this.#refresh(group);
  }

  remove(message: Message): void {
    const group = this.#groups.get(message.groupId ?? '');
    if (!group?.waiting.remove(message)) return;
    this.#size--;
    this.#refresh(group);
  }

  take(taken: readonly Message[]): Message | undefined {
    const last = taken.at(-1);
    const same = last && this.#groups.get(last.groupId ?? '');
    const group = same && same.waiting.size > 0 ? same : this.#open.peek();
    const message = group?.waiting.shift();
    if (!group || !message) return undefined;
    this.#size--;
    group.inFlight++;
    this.#refresh(group);
    return message;
  }

  release(message: Message): void {
    const group = this.#group(message);
    group.inFlight = Math.max(0, group.inFlight - 1);
    this.#refresh(group);
  }

  hold(message: Message): void {
    const group = this.#group(message);
    group.inFlight++;
    this.#refresh(group);
  }

  clear(): void {
    this.#groups.clear();
    this.#open.clear();
    this.#size = 0;
  }

  #group(message: Message): Group {
    const id = message.groupId ?? '';
    let group = this.#groups.get(id);
    if (!group) {
      group = { id, waiting: new Heap<Message>(byOrder), inFlight: 0, head: 0 };
      this.#groups.set(id, group);
    }
    return group;
  }

  /** Opens a group that has messages and none in flight, closes a locked one, and forgets an empty one. */
  #refresh(group: Group): void {
    this.#open.remove(group);
    const first = group.waiting.peek();
    if (first && group.inFlight === 0) {
      group.head = first.order;
      this.#open.add(group);
    } else if (!first && group.inFlight === 0) {
      this.#groups.delete(group.id);
    }
  }
}
