/** Answers ReceiveMessage: reads its parameters, waits for messages and shows them. */
import { integer, text, texts } from '../input.ts';
import type { Input } from '../service.ts';
import { attributesMd5 } from './checksum.ts';
import { invalidAttributeName, invalidValue } from './errors.ts';
import type { Message, MessageAttributes } from './message.ts';
import { MAX_VISIBILITY_SECONDS, type Queue, type Received } from './queue.ts';
import { receive } from './receive.ts';

const SYSTEM_ATTRIBUTES: Record<string, (message: Message) => string | number | undefined> = {
  SenderId: (message) => message.senderId,
  SentTimestamp: (message) => message.sentAt,
  ApproximateReceiveCount: (message) => message.receiveCount,
  ApproximateFirstReceiveTimestamp: (message) => message.firstReceivedAt,
  SequenceNumber: (message) => message.sequenceNumber,
  MessageDeduplicationId: (message) => message.dedupId,
  MessageGroupId: (message) => message.groupId,
  AWSTraceHeader: (message) => message.systemAttributes.AWSTraceHeader?.StringValue,
  DeadLetterQueueSourceArn: (message) => message.deadLetterSourceArn,
};

const SYSTEM_NAMES = Object.keys(SYSTEM_ATTRIBUTES);

/** Returns the system attributes that a request names. `AttributeNames` is the older name of the parameter. */
function systemNames(input: Input): string[] {
  const names = [...(texts(input, 'AttributeNames') ?? []), ...(texts(input, 'MessageSystemAttributeNames') ?? [])];
  const wrong = names.find((name) => name !== 'All' && !SYSTEM_NAMES.includes(name));
  if (wrong !== undefined) throw invalidAttributeName(wrong);
  return names.includes('All') ? SYSTEM_NAMES : names;
}

function systemAttributes(message: Message, names: readonly string[]): Record<string, string> | undefined {
  const entries = names.flatMap((name): [string, string][] => {
    const value = SYSTEM_ATTRIBUTES[name]?.(message);
    return value === undefined ? [] : [[name, String(value)]];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** Returns the attributes that the names ask for: `All` and `.*` all of them, `foo.*` those that begin with `foo.`. */
function wantedAttributes(attributes: MessageAttributes, names: readonly string[]): MessageAttributes | undefined {
  const wanted = Object.entries(attributes).filter(([name]) =>
    names.some((each) => {
      if (each === 'All' || each === '.*' || each === name) return true;
      return each.endsWith('.*') && name.startsWith(each.slice(0, -2));
    }),
  );
  return wanted.length > 0 ? Object.fromEntries(wanted) : undefined;
}

function show({ message, receiptHandle }: Received, system: readonly string[], names: readonly string[]): object {
  const attributes = wantedAttributes(message.attributes, names);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: message.bodyMd5,
    Body: message.body,
    Attributes: systemAttributes(message, system),
    MD5OfMessageAttributes: attributes && attributesMd5(attributes),
    MessageAttributes: attributes,
  };
}

function inRange(input: Input, name: string, min: number, max: number, reason: string): number | undefined {
  const value = integer(input, name);
  if (value !== undefined && (value < min || value > max)) throw invalidValue(value, name, reason);
  return value;
}

export async function receiveMessage(queue: Queue, input: Input, signal: AbortSignal): Promise<object> {
  const max = inRange(input, 'MaxNumberOfMessages', 1, 10, 'Must be between 1 and 10, if provided.') ?? 1;
  const wait =
    inRange(input, 'WaitTimeSeconds', 0, 20, 'Must be >= 0 and <= 20, if provided.') ??
    queue.number('ReceiveMessageWaitTimeSeconds');
  const visibility = inRange(
    input,
    'VisibilityTimeout',
    0,
    MAX_VISIBILITY_SECONDS,
    `Must be >= 0 and <= ${MAX_VISIBILITY_SECONDS}, if provided.`,
  );
  const attemptId = text(input, 'ReceiveRequestAttemptId');
  if (attemptId !== undefined && !queue.fifo)
    throw invalidValue(
      attemptId,
      'ReceiveRequestAttemptId',
      'The request include parameter that is not valid for this queue type.',
    );
  const system = systemNames(input);
  const names = texts(input, 'MessageAttributeNames') ?? [];
  const attempt = (): Received[] => {
    const visibilitySeconds = visibility ?? queue.number('VisibilityTimeout');
    return receive(queue, { max, visibilitySeconds, attemptId });
  };
  const received = await queue.waiters.wait(attempt, wait * 1000, signal);
  if (received.length === 0) {
    queue.totals.emptyReceives++;
    return {};
  }
  return { Messages: received.map((each) => show(each, system, names)) };
}
