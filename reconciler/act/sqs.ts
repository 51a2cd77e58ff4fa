import { GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { withoutStatement, withStatement } from '../../policies/chaos/policy-text.ts';
import type { PolicySpec } from '../../policies/document/schema.ts';
import { abortedBy, type Clients } from '../aws/clients.ts';
import { queueUrl } from '../aws/queue-url.ts';
import type { Writer } from './writer.ts';

/** The policy is read right before it is written, so that somebody else's edit is lost only within that moment. */
export const denyQueue: Writer<'DenyQueue'> = (aws, { sid, statement }, { spec: { queue } }, signal) =>
  rewrite(aws, queue, (text) => withStatement(text, sid, statement), false, signal);

export const allowQueue: Writer<'AllowQueue'> = (aws, { sid, force }, { spec: { queue } }, signal) =>
  rewrite(aws, queue, (text) => withoutStatement(text, sid), force, signal);

async function rewrite(
  aws: Clients,
  queue: PolicySpec['queue'],
  change: (text: string) => string,
  force: boolean,
  signal?: AbortSignal,
): Promise<void> {
  const QueueUrl = await queueUrl(aws, queue, signal);
  const { Attributes } = await aws.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }),
    abortedBy(signal),
  );
  const before = Attributes?.Policy ?? '';
  const Policy = change(before);
  if (Policy === before && !force) return;
  await aws.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }), abortedBy(signal));
}
