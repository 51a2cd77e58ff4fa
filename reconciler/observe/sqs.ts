import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { QueueCounts } from '../../policies/model/observation.ts';
import { abortedBy, type Clients } from '../aws/clients.ts';
import { namedError } from '../aws/errors.ts';
import { queueUrl } from '../aws/queue-url.ts';

/**
 * The three counters that SQS has. There is no attribute for the age of the oldest message: asking for one fails the
 * whole call (InvalidAttributeName). The age is a CloudWatch metric; see cloudwatch.ts.
 */
const COUNTERS = {
  visible: 'ApproximateNumberOfMessages',
  inFlight: 'ApproximateNumberOfMessagesNotVisible',
  delayed: 'ApproximateNumberOfMessagesDelayed',
} as const;

export class QueueReader {
  readonly #aws: Clients;
  readonly #urls = new Map<string, string>();

  constructor(aws: Clients) {
    this.#aws = aws;
  }

  /** One GetQueueAttributes call. A missing or odd counter is an error, never zero. */
  async counts(queue: PolicySpec['queue'], signal?: AbortSignal): Promise<QueueCounts> {
    const QueueUrl = await this.url(queue, signal);
    try {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: Object.values(COUNTERS) });
      const { Attributes } = await this.#aws.sqs.send(command, abortedBy(signal));
      const number = (name: keyof NonNullable<typeof Attributes>): number => {
        const text = Attributes?.[name];
        const value = Number(text);
        if (text === undefined || !Number.isInteger(value) || value < 0)
          throw namedError('IncompleteAnswer', `GetQueueAttributes gave ${JSON.stringify(text)} for ${name}`);
        return value;
      };
      return {
        visible: number(COUNTERS.visible),
        inFlight: number(COUNTERS.inFlight),
        delayed: number(COUNTERS.delayed),
      };
    } catch (error) {
      // A queue that was deleted and made again may have another URL.
      this.#urls.delete(keyOf(queue));
      throw error;
    }
  }

  /** The queue's URL, looked up once. */
  async url(queue: PolicySpec['queue'], signal?: AbortSignal): Promise<string> {
    const key = keyOf(queue);
    const known = this.#urls.get(key);
    if (known) return known;
    const QueueUrl = await queueUrl(this.#aws, queue, signal);
    this.#urls.set(key, QueueUrl);
    return QueueUrl;
  }
}

const keyOf = (queue: PolicySpec['queue']): string => queue.arn ?? queue.url ?? queue.name ?? '';

/** The name under which CloudWatch knows the queue. */
export function queueNameOf(queue: PolicySpec['queue']): string {
  return queue.name ?? queue.arn?.split(':').at(-1) ?? queue.url?.split('/').at(-1) ?? '';
}
