/** Holds one queue: its attributes, its messages, and the changes of a message. It knows nothing of requests. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { QueueMetrics } from '../context.ts';
import type { Statement } from '../iam.ts';
import { parsePolicy } from '../iam-parse.ts';
import type { Keeper } from '../service.ts';
import type { Attributes } from './attributes.ts';
import { FiveMinutes } from './dedup.ts';
import { invalidValue, messageNotInflight, queueDoesNotExist } from './errors.ts';
import { entitiesOf, type QueueHead, QueueKeeper, type QueueState, type Sent } from './kept.ts';
import type { Message, Outgoing } from './message.ts';
import { parseReceipt } from './receipt.ts';
import { MessageStore } from './store.ts';
import { Waiters } from './waiters.ts';

/** Source: SQS API Reference, ChangeMessageVisibility: 12 hours. */
export const MAX_VISIBILITY_SECONDS = 43_200;

export interface Received {
  message: Message;
  receiptHandle: string;
}

/** The surroundings of a queue. */
export interface QueueLinks {
  clock: Clock;
  keeper: Keeper;
  /** Moves a message that was received too often. Returns false if it has no dead-letter queue. */
  toDeadLetter(message: Message, source: Queue): boolean;
}

type Totals = Pick<QueueMetrics, 'sent' | 'received' | 'deleted' | 'emptyReceives' | 'sentBytes'>;

interface Redrive {
  deadLetterTargetArn: string;
  maxReceiveCount: number;
}

export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly fifo: boolean;
  readonly uid: string;
  readonly createdAt: number;
  readonly store: MessageStore;
  readonly waiters: Waiters<Received>;
  readonly totals: Totals = { sent: 0, received: 0, deleted: 0, emptyReceives: 0, sentBytes: 0 };
  readonly links: QueueLinks;
  /** Receives of a FIFO queue that a client may repeat, by their attempt ids. */
  readonly attempts = new FiveMinutes<Received[]>();
  #modifiedAt: number;
  #purgedAt: number | undefined;
  #tags: Record<string, string>;
  #attributes: Attributes = {};
  readonly #keeper: QueueKeeper;
  readonly #dedup = new FiveMinutes<Sent>();
  #lastSequence: number;
  #redrive: Redrive | undefined;
  #statements: Statement[] = [];

  constructor(state: QueueState, links: QueueLinks) {
    this.name = state.name;
    this.arn = state.arn;
    this.uid = state.uid;
    this.fifo = state.name.endsWith('.fifo');
    this.createdAt = state.createdAt;
    this.#modifiedAt = state.modifiedAt;
    this.#purgedAt = state.purgedAt;
    this.#tags = state.tags;
    this.links = links;
    this.#keeper = new QueueKeeper(links.keeper, state.name);
    this.#lastSequence = state.lastSequence;
    this.store = new MessageStore(this.fifo, this.#keeper);
    this.waiters = new Waiters(links.clock, () => this.store.nextDue());
    this.#read(state.attributes);
    for (const message of state.messages) this.store.restore(message);
    this.#dedup.restore(state.dedup);
  }

  /** Keeps a queue that was just created. */
  keep(): void {
    this.#keeper.head(this.#head());
  }

  get attributes(): Readonly<Attributes> {
    return this.#attributes;
  }

  get tags(): Readonly<Record<string, string>> {
    return this.#tags;
  }

  /** Milliseconds: the last change of an attribute. */
  get modifiedAt(): number {
    return this.#modifiedAt;
  }

  /** Milliseconds; undefined if the queue was never purged. */
  get purgedAt(): number | undefined {
    return this.#purgedAt;
  }

  get redrive(): Redrive | undefined {
    return this.#redrive;
  }

  get statements(): readonly Statement[] {
    return this.#statements;
  }

  /** Returns a whole-number attribute that always has a value. */
  number(name: string): number {
    return Number(this.#attributes[name]);
  }

  /** Sets attributes that were checked (see attributes.ts). */
  setAttributes(attributes: Attributes): void {
    this.#read(attributes);
    this.#modifiedAt = this.links.clock.now();
    this.keep();
  }

  setTags(tags: Record<string, string>): void {
    this.#tags = tags;
    this.keep();
  }

  /** Takes a message that passed `refusalOf`. The caller wakes waiting receives, once for a whole batch. */
  send(outgoing: Outgoing, bodyMd5: string, contentHash: () => string, senderId: string): Sent {
    const now = this.links.clock.now();
    const dedupId = this.fifo ? (outgoing.dedupId ?? contentHash()) : undefined;
    const perGroup = this.#attributes.DeduplicationScope === 'messageGroup';
    const dedupKey = perGroup ? JSON.stringify([outgoing.groupId, dedupId]) : (dedupId ?? '');
    const duplicate = this.fifo ? this.#dedup.get(dedupKey, now) : undefined;
    if (duplicate) return duplicate;
    const delaySeconds = (this.fifo ? undefined : outgoing.delaySeconds) ?? this.number('DelaySeconds');
    const message: Message = {
      id: randomUUID(),
      body: outgoing.body,
      bodyMd5,
      attributes: outgoing.attributes,
      systemAttributes: outgoing.systemAttributes,
      senderId,
      size: outgoing.size,
      order: this.store.nextOrder(),
      sentAt: now,
      arrivedAt: now,
      visibleAt: now + delaySeconds * 1000,
      receiveCount: 0,
      receivesHere: 0,
      place: 'available',
    };
    if (outgoing.groupId !== undefined) message.groupId = outgoing.groupId;
    if (dedupId !== undefined) {
      message.dedupId = dedupId;
      message.sequenceNumber = this.#nextSequence();
    }
    this.store.add(message, now);
    this.totals.sent++;
    this.totals.sentBytes += message.size;
    const sent: Sent = { messageId: message.id };
    if (message.sequenceNumber !== undefined) sent.sequenceNumber = message.sequenceNumber;
    if (this.fifo) this.#keeper.remembered(this.#dedup.set(dedupKey, sent, now));
    return sent;
  }

  /** Takes a message from another queue: a dead letter, or one that is moved back. */
  accept(message: Message): void {
    message.order = this.store.nextOrder();
    if (this.fifo) message.sequenceNumber = this.#nextSequence();
    this.store.add(message, this.links.clock.now());
    this.waiters.wake();
  }

  /** Deletes a message. With an old handle, a standard queue does nothing and reports no error, as AWS documents. */
  delete(handle: string): void {
    const { id, nonce } = parseReceipt(handle, this.uid);
    this.store.settle(this.links.clock.now());
    const message = this.store.get(id);
    if (!message) return;
    const current = message.receipt === nonce;
    if (this.fifo && (!current || message.place !== 'inFlight'))
      throw invalidValue(handle, 'ReceiptHandle', 'The receipt handle has expired.');
    if (!current) return;
    this.store.forget(message);
    this.totals.deleted++;
    // A FIFO group may have been unlocked by this.
    if (this.fifo) this.waiters.wake();
  }

  /**
   * Sets a new visibility timeout.
   * @throws AwsError if the message is gone or not in flight, or if its timeout would exceed 12 hours
   */
  changeVisibility(handle: string, seconds: number): void {
    const { id, nonce } = parseReceipt(handle, this.uid);
    const now = this.links.clock.now();
    this.store.settle(now);
    const message = this.store.get(id);
    if (!message)
      throw invalidValue(
        handle,
        'ReceiptHandle',
        'Message does not exist or is not available for visibility timeout change.',
      );
    if (message.place !== 'inFlight' || message.receipt !== nonce) throw messageNotInflight();
    const until = now + seconds * 1000;
    if (until > (message.lastReceivedAt ?? now) + MAX_VISIBILITY_SECONDS * 1000)
      throw invalidValue(
        seconds,
        'VisibilityTimeout',
        `Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY_SECONDS} seconds].`,
      );
    this.store.reschedule(message, until, now);
    this.waiters.wake();
  }

  purge(): void {
    this.#purgedAt = this.links.clock.now();
    this.keep();
    this.store.clear();
  }

  /** Ends a deleted queue, and all waits on it. */
  end(): void {
    this.#keeper.deleted();
    this.waiters.fail(queueDoesNotExist());
  }

  metrics(): QueueMetrics {
    const now = this.links.clock.now();
    const age = this.store.oldestAge(now);
    const oldestAgeSeconds = age === undefined ? undefined : Math.max(0, age / 1000);
    const groupsInFlight = this.store.groupsInFlight(now);
    return {
      queueName: this.name,
      ...this.store.counts(now),
      ...(groupsInFlight === undefined ? {} : { groupsInFlight }),
      oldestAgeSeconds,
      ...this.totals,
    };
  }

  /** Yields the entities of the queue, for the state folder. */
  entities(): Iterable<readonly [string, unknown]> {
    return entitiesOf(this.#head(), this.store.all(), this.#dedup.all());
  }

  #head(): QueueHead {
    const { name, arn, uid, attributes, tags, createdAt, modifiedAt, purgedAt } = this;
    const head = { name, arn, uid, attributes, tags, createdAt, modifiedAt, lastSequence: this.#lastSequence };
    return purgedAt === undefined ? head : { ...head, purgedAt };
  }

  #read(attributes: Attributes): void {
    this.#attributes = attributes;
    this.store.retentionMs = this.number('MessageRetentionPeriod') * 1000;
    this.#statements = attributes.Policy ? parsePolicy(attributes.Policy, 'resource') : [];
    const redrive = attributes.RedrivePolicy && JSON.parse(attributes.RedrivePolicy);
    this.#redrive = redrive ? { ...redrive, maxReceiveCount: Number(redrive.maxReceiveCount) } : undefined;
  }

  /** Returns the next sequence number: twenty digits that only grow, like AWS's 128-bit numbers. */
  #nextSequence(): string {
    this.#lastSequence++;
    this.#keeper.sequence(this.#lastSequence);
    return String(18_850_000_000_000n * 1_000_000n + BigInt(this.#lastSequence)).padStart(20, '0');
  }
}
