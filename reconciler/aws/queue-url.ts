import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import type { PolicySpec } from '../../policies/document/schema.ts';
import { queueUrlOf } from './border/sqs.ts';
import { abortedBy, type Clients } from './clients.ts';

type Queue = PolicySpec['queue'];

/** Returns the URL of a policy's queue: as the policy gives it, or as SQS gives it for the name. */
export async function queueUrl({ sqs }: Clients, queue: Queue, signal?: AbortSignal): Promise<string> {
  if (queue.url) return queue.url;
  const account = queue.arn?.split(':')[4];
  const QueueName = queueNameOf(queue);
  const command = new GetQueueUrlCommand({ QueueName, ...(account ? { QueueOwnerAWSAccountId: account } : {}) });
  return queueUrlOf(await sqs.send(command, abortedBy(signal)), QueueName);
}

/** Returns the name under which CloudWatch knows the queue, and which its ARN ends with. */
export function queueNameOf({ name, arn, url }: Queue): string {
  return name ?? arn?.split(':').at(-1) ?? url?.split('/').at(-1) ?? '';
}
