import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { ManualClock } from '../../../../infra/local/clock.ts';
import { compacted } from '../kept.ts';
import { type Harness, harness } from '../support.ts';

type Step =
  | { do: 'send'; group: number; delay: number }
  | { do: 'receive'; max: number; visibility: number }
  | { do: 'delete' | 'giveBack'; pick: number }
  | { do: 'advance'; seconds: number }
  | { do: 'purge' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('send' as const), group: fc.nat(2), delay: fc.constantFrom(0, 5) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('receive' as const),
      max: fc.integer({ min: 1, max: 4 }),
      visibility: fc.constantFrom(0, 2, 60),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'giveBack' as const), pick: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), seconds: fc.constantFrom(1, 3, 61) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'purge' as const }) },
);

/** Performs a step as far as SQS allows it, and notes receipt handles in `handles`. */
async function perform(h: Harness, QueueUrl: string, fifo: boolean, one: Step, handles: string[]): Promise<void> {
  const MessageBody = String(handles.length);
  if (one.do === 'advance') h.clock.advance(one.seconds * 1_000);
  else if (one.do === 'purge') await h.call('PurgeQueue', { QueueUrl });
  else if (one.do === 'send' && fifo)
    await h.call('SendMessage', { QueueUrl, MessageBody, MessageGroupId: String(one.group) });
  else if (one.do === 'send') await h.call('SendMessage', { QueueUrl, MessageBody, DelaySeconds: one.delay });
  else if (one.do === 'receive') {
    const asked = { QueueUrl, MaxNumberOfMessages: one.max, VisibilityTimeout: one.visibility };
    const { Messages = [] } = await h.call('ReceiveMessage', asked);
    handles.push(...Messages.map((message: { ReceiptHandle: string }) => message.ReceiptHandle));
  } else {
    const ReceiptHandle = handles[one.pick % handles.length];
    const action = one.do === 'delete' ? 'DeleteMessage' : 'ChangeMessageVisibility';
    await h.call(action, { QueueUrl, ReceiptHandle, VisibilityTimeout: one.do === 'delete' ? undefined : 0 });
  }
}

/** All messages that can be received in the next hours, by group, with how often each was received. */
async function drained(h: Harness, QueueUrl: string, fifo: boolean): Promise<string[]> {
  const found: string[] = [];
  for (let idle = 0; idle < 3; ) {
    const asked = {
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
      VisibilityTimeout: 43_200,
    };
    const { Messages = [] } = await h.call('ReceiveMessage', asked);
    idle = Messages.length > 0 ? 0 : idle + 1;
    if (idle > 0) h.clock.advance(61_000);
    for (const { MessageId, Attributes, ReceiptHandle } of Messages) {
      found.push(`${Attributes.MessageGroupId ?? ''} ${MessageId} ${Attributes.ApproximateReceiveCount}`);
      if (fifo) await h.call('DeleteMessage', { QueueUrl, ReceiptHandle });
    }
  }
  // Within a group the order counts; a stable sort keeps it.
  return fifo ? found.sort((a, b) => a.split(' ', 1)[0]!.localeCompare(b.split(' ', 1)[0]!)) : found.sort();
}

for (const fifo of [false, true])
  test(`a ${fifo ? 'FIFO' : 'standard'} queue is after a restart as it was before, at any moment of any history`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const suffix = fifo ? '.fifo' : '';
        const kind = fifo
          ? { FifoQueue: 'true', ContentBasedDeduplication: 'true', DeduplicationScope: 'messageGroup' }
          : {};
        const live = harness();
        const dead = await live.queue(`dead${suffix}`, kind);
        const RedrivePolicy = JSON.stringify({
          deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:dead${suffix}`,
          maxReceiveCount: 2,
        });
        const url = await live.queue(`q${suffix}`, { ...kind, RedrivePolicy });
        const handles: string[] = [];
        // A step that SQS refuses changes nothing, which is part of the history.
        for (const one of steps) await perform(live, url, fifo, one, handles).catch(() => {});
        const again = [live.kept.entities(), compacted(live.sqs)].map((entities) => {
          // Each goes on at the same time, on a clock of its own.
          const clock = new ManualClock(live.clock.now());
          return harness(entities, clock);
        });
        for (const queue of [url, dead]) {
          const [before, ...after] = await Promise.all(
            [live, ...again].map(async (h) => [await h.counts(queue), await drained(h, queue, fifo)]),
          );
          for (const each of after) assert.deepEqual(each, before);
        }
      }),
      { numRuns: 60 },
    );
  });

test.run();
