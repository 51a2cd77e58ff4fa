import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { policySids } from '../../policies/chaos/policy-text.ts';
import type { PolicySpec } from '../../policies/document/schema.ts';
import { queueNameOf } from '../../policies/grammar/queue-name.ts';
import type { QueueAccess } from '../../policies/model/observation.ts';
import { deadLetterArn, POLICY_ATTRIBUTES, queuePolicy, REDRIVE_ATTRIBUTES } from '../aws/border/sqs.ts';
import { abortedBy, type Clients } from '../aws/clients.ts';
import type { QueueReader } from './sqs.ts';

type Queue = PolicySpec['queue'];

/** Reads what experiments need to know of a queue beside its counts. */
export class QueueAccessReader {
  readonly #aws: Clients;
  readonly #queues: QueueReader;

  constructor(aws: Clients, queues: QueueReader) {
    this.#aws = aws;
    this.#queues = queues;
  }

  /** Returns the queue's ARN and what its access policy holds. */
  async access(queue: Queue, signal?: AbortSignal): Promise<QueueAccess> {
    const QueueUrl = await this.#queues.url(queue, signal);
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...POLICY_ATTRIBUTES] });
    const { arn, text } = queuePolicy(await this.#aws.sqs.send(command, abortedBy(signal)), queueNameOf(queue));
    const sids = policySids(text);
    return { arn, bytes: Buffer.byteLength(text), statements: sids.length, sids };
  }

  /** Returns the messages in the dead-letter queue; undefined when there is none. */
  async deadLetters(queue: Queue, signal?: AbortSignal): Promise<number | undefined> {
    const QueueUrl = await this.#queues.url(queue, signal);
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...REDRIVE_ATTRIBUTES] });
    const arn = deadLetterArn(await this.#aws.sqs.send(command, abortedBy(signal)), queueNameOf(queue));
    return arn === undefined ? undefined : (await this.#queues.counts({ arn }, signal)).visible;
  }
}
