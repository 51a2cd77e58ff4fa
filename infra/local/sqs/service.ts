/** Answers the actions of SQS, each with a short function from a request to a queue and back. */
import type { Clock } from '../clock.ts';
import type { LocalService, QueueMetrics, QueueMetricsSource } from '../context.ts';
import { integer, text, textMap, texts } from '../input.ts';
import type { CallContext, Input, Keeper, Persistent } from '../service.ts';
import { type Attributes, checkNames } from './attributes.ts';
import { eachEntry, readEntries } from './batch.ts';
import { invalidParameter, invalidValue, missingParameter, purgeInProgress, queueDoesNotExist } from './errors.ts';
import { queuesOf } from './kept.ts';
import type { Message } from './message.ts';
import { MoveTasks } from './move-tasks.ts';
import { page } from './paging.ts';
import { authorize, withoutPermission, withPermission } from './permissions.ts';
import { sqsQuery } from './query.ts';
import { MAX_VISIBILITY_SECONDS, type Queue } from './queue.ts';
import { Queues } from './queues.ts';
import { receiveMessage } from './receiving.ts';
import { sendMessage, sendMessageBatch } from './sending.ts';

export interface SqsOptions {
  clock: Clock;
  region: string;
  accountId: string;
  endpointUrl(): string;
}

type Handler = (queue: Queue, input: Input, context: CallContext) => Promise<object> | object;

const PURGE_INTERVAL_MS = 60_000;
const MAX_TAGS = 50;

function required(input: Input, name: string): string {
  const value = text(input, name);
  if (value === undefined || value === '') throw missingParameter(name);
  return value;
}

function visibility(input: Input): number {
  const seconds = integer(input, 'VisibilityTimeout');
  if (seconds === undefined) throw missingParameter('VisibilityTimeout');
  if (seconds < 0 || seconds > MAX_VISIBILITY_SECONDS)
    throw invalidValue(seconds, 'VisibilityTimeout', `Must be between 0 and ${MAX_VISIBILITY_SECONDS}, if provided.`);
  return seconds;
}

export class Sqs implements LocalService, Persistent, QueueMetricsSource {
  readonly name = 'sqs';
  readonly targetPrefix = 'AmazonSQS.';
  readonly jsonVersion = '1.0';
  readonly queryCompatible = true;
  readonly query = sqsQuery;
  readonly actions: readonly string[];
  readonly stateName = 'sqs';
  readonly persistent = this;
  readonly #queues: Queues;
  readonly #clock: Clock;
  readonly #moves: MoveTasks;

  constructor(options: SqsOptions) {
    this.#queues = new Queues(options);
    this.#clock = options.clock;
    this.#moves = new MoveTasks(this.#queues, options.clock);
    this.actions = [...Object.keys(this.#onAccount), ...Object.keys(this.#onQueue)].sort();
  }

  async handle(action: string, input: Input, context: CallContext): Promise<object> {
    const ofAccount = this.#onAccount[action];
    if (ofAccount) return ofAccount(input, context);
    const queue = this.#queues.byUrl(required(input, 'QueueUrl'));
    this.#authorize(queue, action, context);
    const handler = this.#onQueue[action];
    if (!handler) throw new Error(`no handler for ${action}`);
    return handler(queue, input, context);
  }

  metrics(): QueueMetrics[] {
    return [...this.#queues.all()].map((queue) => queue.metrics());
  }

  /** Returns all messages of a queue, those in flight too. A queue that does not exist has none. */
  messages(queueName: string): readonly Readonly<Message>[] {
    const queue = this.#queues.named(queueName);
    queue?.store.settle(this.#clock.now());
    return [...(queue?.store.all() ?? [])];
  }

  /** Returns the bodies of all messages of a queue, those in flight too. A queue that does not exist has none. */
  bodies(queueName: string): string[] {
    return this.messages(queueName).map(({ body }) => body);
  }

  /** Message move tasks that were running when the last run ended go on. */
  start(): void {
    this.#moves.resume();
  }

  restore(entities: ReadonlyMap<string, unknown>, keeper: Keeper): void {
    this.#queues.restore(queuesOf(entities), keeper);
    this.#moves.restore(entities, keeper);
  }

  *entities(): Generator<readonly [string, unknown]> {
    for (const queue of this.#queues.all()) yield* queue.entities();
    yield* this.#moves.entities();
  }

  #authorize(queue: Queue, action: string, context: CallContext): void {
    authorize(queue, action, context.principal, this.#clock.now());
  }

  /** The actions that name no queue by its URL. */
  readonly #onAccount: Record<string, (input: Input, context: CallContext) => object> = {
    CreateQueue: (input, context) => {
      const name = required(input, 'QueueName');
      const existing = this.#queues.named(name);
      if (existing) this.#authorize(existing, 'CreateQueue', context);
      const tags = textMap(input, 'tags') ?? {};
      return { QueueUrl: this.#queues.url(this.#queues.create(name, textMap(input, 'Attributes') ?? {}, tags)) };
    },
    GetQueueUrl: (input, context) => {
      const queue = this.#queues.named(required(input, 'QueueName'));
      const owner = text(input, 'QueueOwnerAWSAccountId');
      if (!queue || (owner !== undefined && owner !== context.principal.accountId)) throw queueDoesNotExist();
      this.#authorize(queue, 'GetQueueUrl', context);
      return { QueueUrl: this.#queues.url(queue) };
    },
    ListQueues: (input) => {
      const prefix = text(input, 'QueueNamePrefix') ?? '';
      const all = [...this.#queues.all()].map((queue) => queue.name);
      const found = page(all.filter((name) => name.startsWith(prefix)).sort(), input);
      return { QueueUrls: found.items.length > 0 ? this.#urls(found.items) : undefined, NextToken: found.NextToken };
    },
    StartMessageMoveTask: (input, context) => this.#moves.start(input, (q, a) => this.#authorize(q, a, context)),
    ListMessageMoveTasks: (input, context) => this.#moves.list(input, (q, a) => this.#authorize(q, a, context)),
    CancelMessageMoveTask: (input, context) => this.#moves.cancel(input, (q, a) => this.#authorize(q, a, context)),
  };

  readonly #onQueue: Record<string, Handler> = {
    DeleteQueue: (queue) => {
      this.#queues.delete(queue);
      return {};
    },
    GetQueueAttributes: (queue, input) => {
      const names = texts(input, 'AttributeNames') ?? [];
      checkNames(names);
      const all = this.#attributes(queue);
      const wanted = names.includes('All') ? Object.keys(all) : names;
      const entries = wanted.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]));
      return entries.length > 0 ? { Attributes: Object.fromEntries(entries) } : {};
    },
    SetQueueAttributes: (queue, input) => {
      const changes = textMap(input, 'Attributes');
      if (!changes) throw missingParameter('Attributes');
      this.#queues.setAttributes(queue, changes);
      return {};
    },
    SendMessage: (queue, input, { principal }) => sendMessage(queue, input, principal),
    SendMessageBatch: (queue, input, { principal }) => sendMessageBatch(queue, input, principal),
    ReceiveMessage: (queue, input, { signal }) => receiveMessage(queue, input, signal),
    DeleteMessage: (queue, input) => {
      queue.delete(required(input, 'ReceiptHandle'));
      return {};
    },
    DeleteMessageBatch: (queue, input) =>
      eachEntry(readEntries(input), (entry) => {
        queue.delete(required(entry, 'ReceiptHandle'));
        return {};
      }),
    ChangeMessageVisibility: (queue, input) => {
      queue.changeVisibility(required(input, 'ReceiptHandle'), visibility(input));
      return {};
    },
    ChangeMessageVisibilityBatch: (queue, input) =>
      eachEntry(readEntries(input), (entry) => {
        queue.changeVisibility(required(entry, 'ReceiptHandle'), visibility(entry));
        return {};
      }),
    PurgeQueue: (queue) => {
      if (this.#clock.now() < (queue.purgedAt ?? Number.NEGATIVE_INFINITY) + PURGE_INTERVAL_MS)
        throw purgeInProgress(queue.name);
      queue.purge();
      return {};
    },
    TagQueue: (queue, input) => {
      const tags = textMap(input, 'Tags');
      if (!tags || Object.keys(tags).length === 0) throw missingParameter('Tags');
      const merged = { ...queue.tags, ...tags };
      if (Object.keys(merged).length > MAX_TAGS) throw invalidParameter(`Too many tags added for queue ${queue.name}.`);
      queue.setTags(merged);
      return {};
    },
    UntagQueue: (queue, input) => {
      const keys = texts(input, 'TagKeys');
      if (!keys || keys.length === 0) throw missingParameter('TagKeys');
      queue.setTags(Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !keys.includes(key))));
      return {};
    },
    ListQueueTags: (queue) => (Object.keys(queue.tags).length > 0 ? { Tags: queue.tags } : {}),
    ListDeadLetterSourceQueues: (queue, input) => {
      const found = page(
        this.#queues.sourcesOf(queue.arn).map((source) => source.name),
        input,
      );
      return { queueUrls: this.#urls(found.items), NextToken: found.NextToken };
    },
    AddPermission: (queue, input) => {
      this.#queues.setAttributes(queue, { Policy: withPermission(queue, input) });
      return {};
    },
    RemovePermission: (queue, input) => {
      this.#queues.setAttributes(queue, { Policy: withoutPermission(queue, input) });
      return {};
    },
  };

  #urls(names: string[]): string[] {
    return names.flatMap((name) => this.#queues.named(name) ?? []).map((queue) => this.#queues.url(queue));
  }

  #attributes(queue: Queue): Attributes {
    const counts = queue.store.counts(this.#clock.now());
    return {
      ...queue.attributes,
      ApproximateNumberOfMessages: String(counts.visible),
      ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
      ApproximateNumberOfMessagesDelayed: String(counts.delayed),
      CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
      LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
      QueueArn: queue.arn,
    };
  }
}
