import {
  GetQueueAttributesCommand,
  type GetQueueAttributesCommandOutput,
  type QueueAttributeName,
} from '@aws-sdk/client-sqs';
import { policySids } from '../../policies/chaos/policy-text.ts';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { QueueAccess } from '../../policies/model/observation.ts';
import type { Aws } from '../aws/client.ts';
import { namedError } from './reading.ts';
import type { QueueReader } from './sqs.ts';

/** What experiments want to know of a queue beside its counts. */
export class QueueAccessReader {
  readonly #aws: Aws;
  readonly #queues: QueueReader;

  constructor(aws: Aws, queues: QueueReader) {
    this.#aws = aws;
    this.#queues = queues;
  }

  async access(queue: PolicySpec['queue'], signal?: AbortSignal): Promise<QueueAccess> {
    const { QueueArn: arn, Policy: text = '' } = await this.#attributes(queue, ['QueueArn', 'Policy'], signal);
    if (!arn) throw namedError('IncompleteAnswer', 'GetQueueAttributes gave no QueueArn');
    const sids = policySids(text);
    return { arn, bytes: text.length, statements: sids.length, sids };
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
  ): Promise<Record<string, string>> {
    const QueueUrl = await this.#queues.url(queue, signal);
    const { Attributes } = await this.#aws.call<GetQueueAttributesCommandOutput>(
      'sqs',
      'sqs:GetQueueAttributes',
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames }),
      signal,
    );
    return (Attributes ?? {}) as Record<string, string>;
  }
}
