/** Names the kept entities of SQS, keeps the changes of one queue, and builds queues from them. */
import { isObject } from '../input.ts';
import type { Keeper } from '../service.ts';
import type { Attributes } from './attributes.ts';
import type { Remembered } from './dedup.ts';
import type { Message } from './message.ts';

/** The reply to a send, which a FIFO queue repeats for a duplicate. */
export interface Sent {
  messageId: string;
  sequenceNumber?: string;
}

/** The part of a queue that is kept beside its messages. */
export interface QueueHead {
  name: string;
  arn: string;
  /** Tells a queue from an earlier one of the same name, in receipt handles. */
  uid: string;
  attributes: Attributes;
  tags: Record<string, string>;
  /** Milliseconds. */
  createdAt: number;
  modifiedAt: number;
  purgedAt?: number;
  /** FIFO: the number of the last message. */
  lastSequence: number;
}

export interface QueueState extends QueueHead {
  messages: Message[];
  dedup: Remembered<Sent>[];
}

const queueKey = (name: string): string => `queue/${name}`;
/** Prefixes of the keys of a queue's messages and remembered sends. Queue names hold no slash. */
const messagesOf = (name: string): string => `message/${name}/`;
const dedupOf = (name: string): string => `dedup/${name}/`;

/** Keeps the changes of one queue. */
export class QueueKeeper {
  readonly #keeper: Keeper;
  readonly #name: string;

  constructor(keeper: Keeper, name: string) {
    this.#keeper = keeper;
    this.#name = name;
  }

  head(head: QueueHead): void {
    this.#keeper.put(queueKey(this.#name), head);
  }

  sequence(lastSequence: number): void {
    this.#keeper.patch(queueKey(this.#name), { lastSequence });
  }

  remembered(entry: Remembered<Sent>): void {
    this.#keeper.put(dedupOf(this.#name) + entry.key, entry);
  }

  message(message: Message): void {
    this.#keeper.put(messagesOf(this.#name) + message.id, message);
  }

  /** Keeps a receive or a new visibility timeout, without the body once more. */
  delivery(message: Message): void {
    const { place, visibleAt, receiveCount, receivesHere, firstReceivedAt, lastReceivedAt, receipt } = message;
    const counts = { receiveCount, receivesHere };
    const changed = { place, visibleAt, ...counts, firstReceivedAt, lastReceivedAt, receipt };
    this.#keeper.patch(messagesOf(this.#name) + message.id, changed);
  }

  removed(message: Message): void {
    this.#keeper.remove(messagesOf(this.#name) + message.id);
  }

  purged(): void {
    this.#keeper.clear(messagesOf(this.#name));
  }

  deleted(): void {
    this.#keeper.remove(queueKey(this.#name));
    this.#keeper.clear(messagesOf(this.#name));
    this.#keeper.clear(dedupOf(this.#name));
  }
}

/** Yields the entities of a queue. Messages may come and go in between. */
export function* entitiesOf(
  head: QueueHead,
  messages: Iterable<Message>,
  dedup: Iterable<Remembered<Sent>>,
): Generator<readonly [string, unknown]> {
  yield [queueKey(head.name), head];
  for (const entry of dedup) yield [dedupOf(head.name) + entry.key, entry];
  for (const message of messages) yield [messagesOf(head.name) + message.id, message];
}

const isHead = (value: unknown): value is QueueHead =>
  isObject(value) && typeof value.name === 'string' && typeof value.uid === 'string' && isObject(value.attributes);

const isMessage = (value: unknown): value is Message =>
  isObject(value) && typeof value.id === 'string' && typeof value.body === 'string' && Number.isFinite(value.visibleAt);

const isRemembered = (value: unknown): value is Remembered<Sent> =>
  isObject(value) && typeof value.key === 'string' && Number.isFinite(value.at) && isObject(value.value);

/** Builds the states of queues from kept entities. @throws Error that names an entity of another form */
export function queuesOf(entities: ReadonlyMap<string, unknown>): QueueState[] {
  const queues = new Map<string, QueueState>();
  for (const [key, value] of entities) {
    if (!key.startsWith('queue/')) continue;
    if (!isHead(value)) throw new Error(`"${key}" is no queue`);
    queues.set(value.name, { ...value, messages: [], dedup: [] });
  }
  for (const [key, value] of entities) {
    const [kind, name = ''] = key.split('/', 2);
    const queue = queues.get(name);
    if (kind === 'message') {
      if (!queue || !isMessage(value)) throw new Error(`"${key}" is no message of a queue`);
      queue.messages.push(value);
    } else if (kind === 'dedup') {
      if (!queue || !isRemembered(value)) throw new Error(`"${key}" is no remembered send of a queue`);
      queue.dedup.push(value);
    }
  }
  return [...queues.values()];
}
