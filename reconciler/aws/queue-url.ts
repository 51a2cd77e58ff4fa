import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import type { PolicySpec } from '../../policies/document/schema.ts';
import { abortedBy, type Clients } from './clients.ts';
import { namedError } from './errors.ts';

/** Returns the URL of a policy's queue: as the policy gives it, or as SQS gives it for the name. */
export async function queueUrl({ sqs }: Clients, queue: PolicySpec['queue'], signal?: AbortSignal): Promise<string> {
  if (queue.url) return queue.url;
  const [, , , , account, nameOfArn] = queue.arn?.split(':') ?? [];
  const QueueName = nameOfArn ?? queue.name;
  const command = new GetQueueUrlCommand({ QueueName, ...(account ? { QueueOwnerAWSAccountId: account } : {}) });
  const { QueueUrl } = await sqs.send(command, abortedBy(signal));
  if (!QueueUrl) throw namedError('IncompleteAnswer', `GetQueueUrl gave no URL for ${QueueName}`);
  return QueueUrl;
}
