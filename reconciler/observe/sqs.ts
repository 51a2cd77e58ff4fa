import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { PolicySpec } from '../../policies/document/schema.ts';
import { queueNameOf } from '../../policies/grammar/queue-name.ts';
import type { QueueCounts } from '../../policies/model/observation.ts';
import { COUNT_ATTRIBUTES, queueCounts } from '../aws/border/sqs.ts';
import { abortedBy, type Clients } from '../aws/clients.ts';
import { queueUrl } from '../aws/queue-url.ts';

type Queue = PolicySpec['queue'];

/** Reads the counts of queues. */
export class QueueReader {
  readonly #aws: Clients;
  readonly #urls = new Map<string, string>();

  constructor(aws: Clients) {
    this.#aws = aws;
  }

  /** Returns the counts of a queue, by one GetQueueAttributes call. A missing or odd counter is an error, never zero. */
  async counts(queue: Queue, signal?: AbortSignal): Promise<QueueCounts> {
    const QueueUrl = await this.url(queue, signal);
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNT_ATTRIBUTES] });
    try {
      return queueCounts(await this.#aws.sqs.send(command, abortedBy(signal)), queueNameOf(queue));
    } catch (error) {
      // A queue that was deleted and made again may have another URL.
      this.#urls.delete(keyOf(queue));
      throw error;
    }
  }

  /** Returns the URL of a queue, looked up once. */
  async url(queue: Queue, signal?: AbortSignal): Promise<string> {
    const key = keyOf(queue);
    const known = this.#urls.get(key);
    if (known) return known;
    const QueueUrl = await queueUrl(this.#aws, queue, signal);
    this.#urls.set(key, QueueUrl);
    return QueueUrl;
  }
}

const keyOf = (queue: Queue): string => queue.arn ?? queue.url ?? queue.name ?? '';
