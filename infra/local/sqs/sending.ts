/** Answers SendMessage and SendMessageBatch. */
import { createHash } from 'node:crypto';
import type { Input, Principal } from '../service.ts';
import { type BatchOutcome, eachEntry, readEntries } from './batch.ts';
import { attributesMd5, md5 } from './checksum.ts';
import { batchTooLong } from './errors.ts';
import { type Outgoing, readOutgoing } from './message.ts';
import type { Queue } from './queue.ts';

/** The most bytes in a batch, whatever the limit of the queue. */
const MAX_BATCH_SIZE = 1_048_576;

/**
 * Returns the SenderId: `ROLE:SESSION` for a role session, otherwise the account. AWS has unique ids in their place.
 */
function senderId(principal: Principal): string {
  const session = /:assumed-role\/([^/]+)\/(.+)$/.exec(principal.arn);
  return session ? `${session[1]}:${session[2]}` : principal.accountId;
}

function send(queue: Queue, outgoing: Outgoing, principal: Principal): object {
  const refusal = queue.refusal(outgoing);
  if (refusal) throw refusal;
  const bodyMd5 = md5(outgoing.body);
  const contentHash = (): string => createHash('sha256').update(outgoing.body).digest('hex');
  const sent = queue.send(outgoing, bodyMd5, contentHash, senderId(principal));
  const sums = {
    MD5OfMessageAttributes: attributesMd5(outgoing.attributes),
    MD5OfMessageSystemAttributes: attributesMd5(outgoing.systemAttributes),
  };
  return { MessageId: sent.messageId, MD5OfMessageBody: bodyMd5, ...sums, SequenceNumber: sent.sequenceNumber };
}

export function sendMessage(queue: Queue, input: Input, principal: Principal): object {
  const reply = send(queue, readOutgoing(input), principal);
  queue.waiters.wake();
  return reply;
}

export function sendMessageBatch(queue: Queue, input: Input, principal: Principal): BatchOutcome {
  const entries = readEntries(input);
  const bytes = entries.reduce((sum, { entry }) => sum + Buffer.byteLength(String(entry.MessageBody ?? '')), 0);
  if (bytes > MAX_BATCH_SIZE) throw batchTooLong(MAX_BATCH_SIZE, bytes);
  const outcome = eachEntry(entries, (entry) => send(queue, readOutgoing(entry), principal));
  queue.waiters.wake();
  return outcome;
}
