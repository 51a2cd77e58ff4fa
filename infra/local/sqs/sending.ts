/** Answers SendMessage and SendMessageBatch. */
import { createHash } from 'node:crypto';
import { userIdOf } from '../credentials.ts';
import type { AwsError, Input, Principal } from '../service.ts';
import { type BatchOutcome, eachEntry, readEntries } from './batch.ts';
import { attributesMd5, md5 } from './checksum.ts';
import { batchTooLong, invalidParameter, invalidValue, missingParameter } from './errors.ts';
import { type Outgoing, readOutgoing } from './message.ts';
import type { Queue } from './queue.ts';

/** The most bytes in a batch, whatever the limit of the queue. */
const MAX_BATCH_SIZE = 1_048_576;

const WRONG_TYPE = 'The request include parameter that is not valid for this queue type.';

/** Returns the error with which a queue refuses a message; undefined if it takes it. */
function refusalOf(queue: Queue, outgoing: Outgoing): AwsError | undefined {
  const limit = queue.number('MaximumMessageSize');
  if (outgoing.size > limit)
    return invalidParameter(`One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`);
  if (!queue.fifo)
    return outgoing.dedupId === undefined
      ? undefined
      : invalidValue(outgoing.dedupId, 'MessageDeduplicationId', WRONG_TYPE);
  if (outgoing.delaySeconds) return invalidValue(outgoing.delaySeconds, 'DelaySeconds', WRONG_TYPE);
  if (outgoing.groupId === undefined) return missingParameter('MessageGroupId');
  if (outgoing.dedupId === undefined && queue.attributes.ContentBasedDeduplication !== 'true')
    return invalidParameter(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  return undefined;
}

function send(queue: Queue, outgoing: Outgoing, principal: Principal): object {
  const refusal = refusalOf(queue, outgoing);
  if (refusal) throw refusal;
  const bodyMd5 = md5(outgoing.body);
  const contentHash = (): string => createHash('sha256').update(outgoing.body).digest('hex');
  const sent = queue.send(outgoing, bodyMd5, contentHash, userIdOf(principal));
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
