/** Receives messages from a queue: in order, into flight, and to the dead-letter queue after too many receives. */
import { randomUUID } from 'node:crypto';
import { overLimit } from './errors.ts';
import type { Message } from './message.ts';
import type { Queue, Received } from './queue.ts';
import { formatReceipt, parseReceipt } from './receipt.ts';

/** Source: SQS Developer Guide, "Amazon SQS message quotas". */
const MAX_IN_FLIGHT = 120_000;

export interface ReceiveOptions {
  max: number;
  visibilitySeconds: number;
  /** FIFO: the same id within five minutes gets the same messages again. */
  attemptId?: string | undefined;
}

/** Receives up to `max` messages. @throws AwsError OverLimit if the queue has as many messages in flight as it may */
export function receive(queue: Queue, options: ReceiveOptions): Received[] {
  const { store, links } = queue;
  const now = links.clock.now();
  store.settle(now);
  const repeated = options.attemptId === undefined ? undefined : repeat(queue, options.attemptId, options, now);
  if (repeated) return repeated;
  const taken = take(queue, options, now);
  queue.totals.received += taken.length;
  const received = taken.map((message) => ({
    message,
    receiptHandle: formatReceipt(queue.uid, message.id, message.receipt ?? ''),
  }));
  if (options.attemptId !== undefined && taken.length > 0) queue.attempts.set(options.attemptId, received, now);
  return received;
}

function take(queue: Queue, options: ReceiveOptions, now: number): Message[] {
  const { store, redrive, links } = queue;
  const taken: Message[] = [];
  const { visible, inFlight } = store.counts(now);
  const room = MAX_IN_FLIGHT - inFlight;
  if (room <= 0 && !queue.fifo && visible > 0)
    throw overLimit(`Too many messages in flight: at most ${MAX_IN_FLIGHT} for this queue.`);
  while (taken.length < Math.min(options.max, room)) {
    const message = store.take(taken);
    if (!message) break;
    if (redrive && message.receivesHere >= redrive.maxReceiveCount && links.toDeadLetter(message, queue)) continue;
    taken.push(message);
    message.receiveCount++;
    message.receivesHere++;
    message.firstReceivedAt ??= now;
    message.lastReceivedAt = now;
    message.receipt = randomUUID();
    store.putInFlight(message, now + options.visibilitySeconds * 1000);
  }
  return taken;
}

/** Returns the messages of an earlier attempt if all are as it left them; their timeouts begin anew. */
function repeat(queue: Queue, attemptId: string, options: ReceiveOptions, now: number): Received[] | undefined {
  const before = queue.attempts.get(attemptId, now);
  if (!before) return undefined;
  const intact = before.every(({ message, receiptHandle }) => {
    const same = queue.store.get(message.id) === message && message.place === 'inFlight';
    return same && parseReceipt(receiptHandle, queue.uid).nonce === message.receipt;
  });
  if (!intact) return undefined;
  for (const { message } of before) queue.store.reschedule(message, now + options.visibilitySeconds * 1000, now);
  return before;
}
