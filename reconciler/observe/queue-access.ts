import { GetQueueAttributesCommand, type QueueAttributeName } from '@aws-sdk/client-sqs';
import { policySids } from '../../policies/chaos/policy-text.ts';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { QueueAccess } from '../../policies/model/observation.ts';
import { abortedBy, type Clients } from '../aws/clients.ts';
import { namedError } from '../aws/errors.ts';
import type { QueueReader } from './sqs.ts';

/** What experiments want to know of a queue beside its counts. */
export class QueueAccessReader {
  readonly #aws: Clients;
  readonly #queues: QueueReader;

  constructor(aws: Clients, queues: QueueReader) {
    this.#aws = aws;
    this.#queues = queues;
  }

  async access(queue: PolicySpec['queue'], signal?: AbortSignal): Promise<QueueAccess> {
    const { QueueArn: arn, Policy: text = '' } = await this.#attributes(queue, ['QueueArn', 'Policy'], signal);
    if (!arn) throw namedError('IncompleteAnswer', 'GetQueueAttributes gave no QueueArn');
    const sids = policySids(text);
    return { arn, bytes: Buffer.byteLength(text), statements: sids.length, sids };
  }

  /** Messages in the dead-letter queue; undefined when there is none. */
  async deadLetters(queue: PolicySpec['queue'], signal?: AbortSignal): Promise<number | undefined> {
    const { RedrivePolicy } = await this.#attributes(queue, ['RedrivePolicy'], signal);
    const arn = RedrivePolicy
      ? (JSON.parse(RedrivePolicy) as { deadLetterTargetArn?: string }).deadLetterTargetArn
      : undefined;
    return arn ? (await this.#queues.counts({ arn }, signal)).visible : undefined;
  }

  async #attributes(
    queue: PolicySpec['queue'],
    AttributeNames: QueueAttributeName[],
    signal?: AbortSignal,
  ): Promise<Partial<Record<QueueAttributeName, string>>> {
    const QueueUrl = await this.#queues.url(queue, signal);
    const { Attributes } = await this.#aws.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames }),
      abortedBy(signal),
    );
    return Attributes ?? {};
  }
}
