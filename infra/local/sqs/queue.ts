/** One queue: sending, receiving and all that happens to a message in between. Knows nothing of requests. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { QueueMetrics } from '../context.ts';
import type { Statement } from '../iam.ts';
import { parsePolicy } from '../iam-parse.ts';
import type { AwsError } from '../service.ts';
import type { Attributes } from './attributes.ts';
import { FiveMinutes, type Remembered } from './dedup.ts';
import {
  invalidParameter,
  invalidValue,
  messageNotInflight,
  missingParameter,
  overLimit,
  queueDoesNotExist,
} from './errors.ts';
import type { Message, Outgoing } from './message.ts';
import { formatReceipt, parseReceipt } from './receipt.ts';
import { MessageStore } from './store.ts';
import { Waiters } from './waiters.ts';

/** Source: SQS Developer Guide, "Amazon SQS message quotas". */
const MAX_IN_FLIGHT = 120_000;
export const MAX_VISIBILITY_SECONDS = 43_200;

export interface Sent {
  messageId: string;
  sequenceNumber?: string;
}

export interface Received {
  message: Message;
  receiptHandle: string;
}

export interface ReceiveOptions {
  max: number;
  visibilitySeconds: number;
  attemptId?: string | undefined;
}

/** What a queue needs of the others. */
export interface QueueLinks {
  clock: Clock;
  /** Moves a message that was received too often; false when there is nowhere to move it. */
  toDeadLetter(message: Message, source: Queue): boolean;
}

export interface QueueState {
  name: string;
  arn: string;
  uid: string;
  attributes: Attributes;
  tags: Record<string, string>;
  createdAt: number;
  modifiedAt: number;
  lastSequence: number;
  messages: Message[];
  dedup: Remembered<Sent>[];
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
  /** Tells a queue from an earlier one of the same name, in receipt handles. */
  readonly uid: string;
  readonly createdAt: number;
  modifiedAt: number;
  tags: Record<string, string>;
  attributes: Attributes = {};
  purgedAt = Number.NEGATIVE_INFINITY;
  readonly store: MessageStore;
  readonly waiters: Waiters<Received>;
  readonly totals: Totals = { sent: 0, received: 0, deleted: 0, emptyReceives: 0, sentBytes: 0 };
  readonly #links: QueueLinks;
  readonly #dedup = new FiveMinutes<Sent>();
  readonly #attempts = new FiveMinutes<Received[]>();
  #lastSequence: number;
  #redrive: Redrive | undefined;
  #statements: Statement[] = [];

  constructor(state: QueueState, links: QueueLinks) {
    this.name = state.name;
    this.arn = state.arn;
    this.uid = state.uid;
    this.fifo = state.name.endsWith('.fifo');
    this.createdAt = state.createdAt;
    this.modifiedAt = state.modifiedAt;
    this.tags = state.tags;
    this.#links = links;
    this.#lastSequence = state.lastSequence;
    this.store = new MessageStore(this.fifo);
    this.waiters = new Waiters(links.clock, () => this.store.nextDue());
    this.setAttributes(state.attributes);
    for (const message of state.messages) this.store.restore(message);
    this.#dedup.restore(state.dedup);
  }

  get redrive(): Redrive | undefined {
    return this.#redrive;
  }

  get statements(): readonly Statement[] {
    return this.#statements;
  }

  /** A whole-number attribute that always has a value. */
  number(name: string): number {
    return Number(this.attributes[name]);
  }

  /** Takes attributes that were checked (see attributes.ts). */
  setAttributes(attributes: Attributes): void {
    this.attributes = attributes;
    this.store.retentionMs = this.number('MessageRetentionPeriod') * 1000;
    this.#statements = attributes.Policy ? parsePolicy(attributes.Policy, 'resource') : [];
    const redrive = attributes.RedrivePolicy && JSON.parse(attributes.RedrivePolicy);
    this.#redrive = redrive ? { ...redrive, maxReceiveCount: Number(redrive.maxReceiveCount) } : undefined;
  }

  /** Why this queue would refuse the message; undefined when it would not. */
  refusal(outgoing: Outgoing): AwsError | undefined {
    const limit = this.number('MaximumMessageSize');
    if (outgoing.size > limit)
      return invalidParameter(
        `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
      );
    const wrongType = 'The request include parameter that is not valid for this queue type.';
    if (!this.fifo) {
      return outgoing.dedupId === undefined
        ? undefined
        : invalidValue(outgoing.dedupId, 'MessageDeduplicationId', wrongType);
    }
    if (outgoing.delaySeconds) return invalidValue(outgoing.delaySeconds, 'DelaySeconds', wrongType);
    if (outgoing.groupId === undefined) return missingParameter('MessageGroupId');
    if (outgoing.dedupId === undefined && this.attributes.ContentBasedDeduplication !== 'true')
      return invalidParameter(
        'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
      );
    return undefined;
  }

  /** Takes in a message that `refusal` lets pass. Waiting receives are woken by the caller, once for a whole batch. */
  send(outgoing: Outgoing, bodyMd5: string, contentHash: () => string, senderId: string): Sent {
    const now = this.#links.clock.now();
    const dedupId = this.fifo ? (outgoing.dedupId ?? contentHash()) : undefined;
    const perGroup = this.attributes.DeduplicationScope === 'messageGroup';
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
    if (this.fifo) this.#dedup.set(dedupKey, sent, now);
    return sent;
  }

  /** Takes in a message from another queue: a dead letter, or one that is moved back. */
  accept(message: Message): void {
    message.order = this.store.nextOrder();
    if (this.fifo) message.sequenceNumber = this.#nextSequence();
    this.store.add(message, this.#links.clock.now());
    this.waiters.wake();
  }

  /** @throws AwsError OverLimit when a standard queue has as many messages in flight as it may */
  receive(options: ReceiveOptions): Received[] {
    const now = this.#links.clock.now();
    this.store.settle(now);
    const repeated = options.attemptId === undefined ? undefined : this.#repeat(options.attemptId, options, now);
    if (repeated) return repeated;
    const taken: Message[] = [];
    let room = MAX_IN_FLIGHT - this.store.counts(now).inFlight;
    while (taken.length < options.max) {
      if (room <= 0) {
        if (taken.length === 0 && !this.fifo && this.store.counts(now).visible > 0)
          throw overLimit(`Too many messages in flight: at most ${MAX_IN_FLIGHT} for this queue.`);
        break;
      }
      const message = this.store.take(taken);
      if (!message) break;
      if (this.#redrive && message.receivesHere >= this.#redrive.maxReceiveCount) {
        if (this.#links.toDeadLetter(message, this)) continue;
      }
      taken.push(message);
      room--;
      message.receiveCount++;
      message.receivesHere++;
      message.firstReceivedAt ??= now;
      message.lastReceivedAt = now;
      message.receipt = randomUUID();
      this.store.putInFlight(message, now + options.visibilitySeconds * 1000);
    }
    this.totals.received += taken.length;
    const received = taken.map((message) => ({
      message,
      receiptHandle: formatReceipt(this.uid, message.id, message.receipt ?? ''),
    }));
    if (options.attemptId !== undefined && taken.length > 0) this.#attempts.set(options.attemptId, received, now);
    return received;
  }

  /** Deleting with an old receipt handle succeeds without effect on a standard queue, as AWS documents. */
  delete(handle: string): void {
    const { id, nonce } = parseReceipt(handle, this.uid);
    this.store.settle(this.#links.clock.now());
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
   * @throws AwsError when the handle is not of this queue, the message is gone or not in flight, or 12 h are exceeded
   */
  changeVisibility(handle: string, seconds: number): void {
    const { id, nonce } = parseReceipt(handle, this.uid);
    const now = this.#links.clock.now();
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
    this.purgedAt = this.#links.clock.now();
    this.store.clear();
  }

  /** The queue is gone: nobody may wait on it any longer. */
  end(): void {
    this.waiters.fail(queueDoesNotExist());
  }

  metrics(): QueueMetrics {
    const now = this.#links.clock.now();
    const age = this.store.oldestAge(now);
    const oldestAgeSeconds = age === undefined ? undefined : Math.max(0, age / 1000);
    return { queueName: this.name, ...this.store.counts(now), oldestAgeSeconds, ...this.totals };
  }

  snapshot(): QueueState {
    const { name, arn, uid, attributes, tags, createdAt, modifiedAt } = this;
    const rest = { lastSequence: this.#lastSequence, messages: [...this.store.all()], dedup: this.#dedup.snapshot() };
    return { name, arn, uid, attributes, tags, createdAt, modifiedAt, ...rest };
  }

  /** Twenty digits that only grow, like AWS's 128-bit numbers. */
  #nextSequence(): string {
    this.#lastSequence++;
    return String(18_850_000_000_000n * 1_000_000n + BigInt(this.#lastSequence)).padStart(20, '0');
  }

  /** The same messages again, if all of them are still as that receive left them; their timeouts start anew. */
  #repeat(attemptId: string, options: ReceiveOptions, now: number): Received[] | undefined {
    const before = this.#attempts.get(attemptId, now);
    if (!before) return undefined;
    const intact = before.every(({ message, receiptHandle }) => {
      const same = this.store.get(message.id) === message && message.place === 'inFlight';
      return same && parseReceipt(receiptHandle, this.uid).nonce === message.receipt;
    });
    if (!intact) return undefined;
    for (const { message } of before) this.store.reschedule(message, now + options.visibilitySeconds * 1000, now);
    return before;
  }
}
