/** Creates, finds and deletes the queues of the account, and moves messages to dead-letter queues. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AwsError, type Keeper, NO_KEEPER } from '../service.ts';
import { type Attributes, defaults, merge } from './attributes.ts';
import { invalidParameter, invalidValue, queueDoesNotExist, queueNameExists } from './errors.ts';
import type { QueueState } from './kept.ts';
import type { Message } from './message.ts';
import { Queue, type QueueLinks } from './queue.ts';

export interface QueuesOptions {
  clock: Clock;
  region: string;
  accountId: string;
  endpointUrl(): string;
}

const STANDARD_NAME = /^[\w-]{1,80}$/;
const FIFO_NAME = /^[\w-]{1,75}\.fifo$/;

/** Returns whether two values are equal, as JSON if both are JSON: clients write policies with other spaces. */
function sameValue(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true;
  try {
    return JSON.stringify(JSON.parse(a ?? '')) === JSON.stringify(JSON.parse(b ?? ''));
  } catch {
    return false;
  }
}

export class Queues {
  readonly #options: QueuesOptions;
  readonly #byName = new Map<string, Queue>();
  readonly #links: QueueLinks;

  constructor(options: QueuesOptions) {
    this.#options = options;
    const { clock } = options;
    this.#links = { clock, keeper: NO_KEEPER, toDeadLetter: (message, source) => this.#toDeadLetter(message, source) };
  }

  /** Takes the kept queues, and the keeper of all changes. */
  restore(queues: readonly QueueState[], keeper: Keeper): void {
    this.#links.keeper = keeper;
    for (const queue of queues) this.#add(queue);
  }

  all(): IterableIterator<Queue> {
    return this.#byName.values();
  }

  url(queue: Queue): string {
    return `${this.#options.endpointUrl()}/${this.#options.accountId}/${queue.name}`;
  }

  named(name: string): Queue | undefined {
    return this.#byName.get(name);
  }

  byArn(arn: string): Queue | undefined {
    const queue = this.#byName.get(arn.slice(arn.lastIndexOf(':') + 1));
    return queue?.arn === arn ? queue : undefined;
  }

  /**
   * Finds a queue by the path of its URL alone, since clients rewrite the host in many ways.
   * @throws AwsError InvalidAddress, QueueDoesNotExist
   */
  byUrl(url: string): Queue {
    let path: string;
    try {
      path = new URL(url, 'http://127.0.0.1').pathname;
    } catch {
      throw new AwsError('InvalidAddress', `The address ${url} is not valid for this endpoint.`, { status: 404 });
    }
    const parts = path.split('/').filter(Boolean);
    const [account, name] = parts.slice(-2);
    const queue = account === this.#options.accountId && name ? this.#byName.get(name) : undefined;
    if (!queue) throw queueDoesNotExist();
    return queue;
  }

  /** Creates a queue, or returns the existing one if it has the given attributes. @throws AwsError QueueNameExists */
  create(name: string, given: Attributes, tags: Record<string, string>): Queue {
    const fifo = name.endsWith('.fifo');
    if (!(fifo ? FIFO_NAME : STANDARD_NAME).test(name))
      throw invalidParameter('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
    if (fifo !== (given.FifoQueue?.toLowerCase() === 'true'))
      throw invalidParameter(
        fifo
          ? 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length'
          : 'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
      );
    const attributes = merge(defaults(fifo), given, fifo);
    const existing = this.#byName.get(name);
    if (existing) {
      const other = Object.keys(given).find((key) => !sameValue(attributes[key], existing.attributes[key]));
      if (other !== undefined) throw queueNameExists(other);
      return existing;
    }
    const arn = `arn:aws:sqs:${this.#options.region}:${this.#options.accountId}:${name}`;
    this.#checkRedrive(attributes, arn, fifo);
    const now = this.#options.clock.now();
    const fresh = { createdAt: now, modifiedAt: now, lastSequence: 0, messages: [], dedup: [] };
    const queue = this.#add({ name, arn, uid: randomUUID(), attributes, tags, ...fresh });
    queue.keep();
    return queue;
  }

  setAttributes(queue: Queue, changes: Attributes): void {
    const attributes = merge(queue.attributes, changes, queue.fifo);
    if (changes.RedrivePolicy) this.#checkRedrive(attributes, queue.arn, queue.fifo);
    queue.setAttributes(attributes);
    queue.waiters.wake();
  }

  delete(queue: Queue): void {
    this.#byName.delete(queue.name);
    queue.end();
  }

  /** Returns the queues that have this dead-letter queue, sorted by name. */
  sourcesOf(deadLetterArn: string): Queue[] {
    const sources = [...this.all()].filter((queue) => queue.redrive?.deadLetterTargetArn === deadLetterArn);
    return sources.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #add(state: QueueState): Queue {
    const queue = new Queue(state, this.#links);
    this.#byName.set(queue.name, queue);
    return queue;
  }

  #checkRedrive(attributes: Attributes, sourceArn: string, fifo: boolean): void {
    if (!attributes.RedrivePolicy) return;
    const refuse = (reason: string): AwsError => invalidValue(attributes.RedrivePolicy, 'RedrivePolicy', reason);
    const target = this.byArn(JSON.parse(attributes.RedrivePolicy).deadLetterTargetArn);
    if (!target) throw refuse('Dead letter target does not exist.');
    if (target.fifo !== fifo) throw refuse('Dead-letter queue must be same type of queue as the source.');
    const allow = target.attributes.RedriveAllowPolicy && JSON.parse(target.attributes.RedriveAllowPolicy);
    if (!allow || allow.redrivePermission === 'allowAll') return;
    if (allow.redrivePermission === 'byQueue' && allow.sourceQueueArns.includes(sourceArn)) return;
    throw refuse(`Queue ${target.arn} does not allow ${sourceArn} to use it as a dead-letter queue.`);
  }

  #toDeadLetter(message: Message, source: Queue): boolean {
    const target = source.redrive && this.byArn(source.redrive.deadLetterTargetArn);
    if (!target || target === source) return false;
    const now = this.#options.clock.now();
    source.store.forget(message);
    const { receipt: _receipt, lastReceivedAt: _last, ...kept } = message;
    // A standard queue's message keeps its age for retention when it moves; a FIFO queue's starts anew.
    const sentAt = target.fifo ? now : message.sentAt;
    const place = 'available' as const;
    const moved = { sentAt, arrivedAt: now, visibleAt: now, receivesHere: 0, place, deadLetterSourceArn: source.arn };
    target.accept({ ...kept, ...moved });
    return true;
  }
}
