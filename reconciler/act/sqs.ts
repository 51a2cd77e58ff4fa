import { GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { withoutStatement, withStatement } from '../../policies/chaos/policy-text.ts';
import { queueNameOf } from '../../policies/grammar/queue-name.ts';
import { POLICY_ATTRIBUTES, queuePolicy } from '../aws/border/sqs.ts';
import { abortedBy, type Clients } from '../aws/clients.ts';
import { queueUrl } from '../aws/queue-url.ts';
import type { WriteContext, Writer } from './writer.ts';

/** Adds a statement to the queue's policy. */
export const denyQueue: Writer<'DenyQueue'> = (aws, { sid, statement }, context) =>
  rewrite(aws, context, (text) => withStatement(text, sid, statement), false);

/** Removes a statement from the queue's policy. */
export const allowQueue: Writer<'AllowQueue'> = (aws, { sid, force }, context) =>
  rewrite(aws, context, (text) => withoutStatement(text, sid), force);

/**
 * Writes the changed policy. It is read right before, so that somebody else's edit is lost only within that moment; nothing is
 * written when it cannot be read well. `force` writes it even when nothing changes.
 */
async function rewrite(
  aws: Clients,
  { policy, signal }: WriteContext,
  change: (text: string) => string,
  force: boolean,
): Promise<void> {
  const { queue } = policy.spec;
  const QueueUrl = await queueUrl(aws, queue, signal);
  const options = abortedBy(signal);
  const read = async (AttributeNames: readonly ('All' | (typeof POLICY_ATTRIBUTES)[number])[]): Promise<string> => {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] });
    return queuePolicy(await aws.sqs.send(command, options), queueNameOf(queue)).text;
  };
  // A queue without a policy is asked twice, in two ways: the write would wipe one that half an answer left out.
  const before = (await read(POLICY_ATTRIBUTES)) || (await read(['All']));
  const Policy = change(before);
  if (Policy === before && !force) return;
  await aws.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }), options);
}
