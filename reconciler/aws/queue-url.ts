import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { placeOfArn, placeOfQueueUrl } from '../../policies/document/place.ts';
import type { PolicySpec } from '../../policies/document/schema.ts';
import { queueNameOf } from '../../policies/grammar/queue-name.ts';
import { queueUrlOf } from './border/sqs.ts';
import { abortedBy, type Clients } from './clients.ts';
import { namedError } from './errors.ts';

type Queue = PolicySpec['queue'];

/** Returns the URL of a policy's queue: as the policy gives it, or as SQS gives it for the name. Rejects for another Region. */
export async function queueUrl({ sqs }: Clients, queue: Queue, signal?: AbortSignal): Promise<string> {
  const { region } = (queue.url ? placeOfQueueUrl(queue.url) : placeOfArn(queue.arn)) ?? {};
  if (region !== undefined) mustBe(await sqs.config.region(), region);
  if (queue.url) return queue.url;
  const account = queue.arn?.split(':')[4];
  const QueueName = queueNameOf(queue);
  const command = new GetQueueUrlCommand({ QueueName, ...(account ? { QueueOwnerAWSAccountId: account } : {}) });
  return queueUrlOf(await sqs.send(command, abortedBy(signal)), QueueName);
}

/** A last check where the document was parsed without knowing the Region: a namesake in the wrong place is never read. */
function mustBe(here: string, region: string): void {
  if (region !== here)
    throw namedError(
      'OtherRegion',
      `the queue is in Region ${region}; this process works in ${here}; nothing was read`,
    );
}
