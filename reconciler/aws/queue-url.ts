import { GetQueueUrlCommand, type GetQueueUrlCommandOutput } from '@aws-sdk/client-sqs';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { Aws } from './client.ts';

/** The URL of a policy's queue: as given, or looked up by its name. */
export async function queueUrl(aws: Aws, queue: PolicySpec['queue'], signal?: AbortSignal): Promise<string> {
  if (queue.url) return queue.url;
  const [, , , , account, nameOfArn] = queue.arn?.split(':') ?? [];
  const QueueName = nameOfArn ?? queue.name;
  const { QueueUrl } = await aws.call<GetQueueUrlCommandOutput>(
    'sqs',
    'sqs:GetQueueUrl',
    new GetQueueUrlCommand({ QueueName, ...(account ? { QueueOwnerAWSAccountId: account } : {}) }),
    signal,
  );
  if (!QueueUrl)
    throw Object.assign(new Error(`GetQueueUrl gave no URL for ${QueueName}`), { name: 'IncompleteAnswer' });
  return QueueUrl;
}
