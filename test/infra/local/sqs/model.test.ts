/** SQS against a model so naive that it can be seen to be right: a list that is searched from the front. */

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'uvu';
import { harness } from '../support.ts';

interface Modelled {
  id: string;
  visibleAt: number;
  received: boolean;
  handle?: string;
}

type Step =
  | { kind: 'send'; delay: number }
  | { kind: 'receive'; max: number; visibility: number }
  | { kind: 'delete'; pick: number }
  | { kind: 'change'; pick: number; visibility: number }
  | { kind: 'advance'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), delay: fc.nat(4) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('receive' as const),
      max: fc.integer({ min: 1, max: 10 }),
      visibility: fc.nat(5),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('change' as const), pick: fc.nat(), visibility: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(6000) }) },
);

test('a standard queue does as the model: counters always right, nothing lost, nothing twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const h = harness();
      const QueueUrl = await h.queue('q');
      let model: Modelled[] = [];
      const handles: string[] = [];
      const inFlight = (m: Modelled): boolean => m.received && m.visibleAt > h.clock.now();
      for (const s of steps) {
        const now = h.clock.now();
        if (s.kind === 'send') {
          const { MessageId } = await h.call('SendMessage', { QueueUrl, MessageBody: 'x', DelaySeconds: s.delay });
          model.push({ id: MessageId, visibleAt: now + s.delay * 1000, received: false });
        } else if (s.kind === 'receive') {
          const more = { MaxNumberOfMessages: s.max, VisibilityTimeout: s.visibility };
          const { Messages = [] } = await h.call('ReceiveMessage', { QueueUrl, ...more });
          const ready = model.filter((m) => m.visibleAt <= now);
          assert.equal(Messages.length, Math.min(s.max, ready.length));
          for (const message of Messages) {
            const m = ready.find((each) => each.id === message.MessageId);
            assert.ok(m, 'received a message that was not available');
            Object.assign(m, { visibleAt: now + s.visibility * 1000, received: true, handle: message.ReceiptHandle });
            handles.push(message.ReceiptHandle);
          }
          assert.equal(new Set(Messages.map((m: { MessageId: string }) => m.MessageId)).size, Messages.length);
        } else if (s.kind === 'advance') {
          h.clock.advance(s.ms);
        } else if (handles.length > 0) {
          const ReceiptHandle = handles[s.pick % handles.length] ?? '';
          const m = model.find((each) => each.handle === ReceiptHandle);
          if (s.kind === 'delete') {
            await h.call('DeleteMessage', { QueueUrl, ReceiptHandle });
            model = model.filter((each) => each !== m);
          } else {
            const change = { QueueUrl, ReceiptHandle, VisibilityTimeout: s.visibility };
            const done = await h.call('ChangeMessageVisibility', change).then(
              () => true,
              () => false,
            );
            assert.equal(done, m !== undefined && inFlight(m));
            if (m && done) m.visibleAt = now + s.visibility * 1000;
          }
        }
        const count = (test: (m: Modelled) => boolean): number => model.filter(test).length;
        const due = h.clock.now();
        assert.deepEqual(await h.counts(QueueUrl), [
          count((m) => m.visibleAt <= due),
          count(inFlight),
          count((m) => !m.received && m.visibleAt > due),
        ]);
      }
      h.clock.advance(6_000);
      const left = new Set(model.map((m) => m.id));
      for (;;) {
        const { Messages = [] } = await h.call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
        if (Messages.length === 0) break;
        for (const message of Messages) assert.ok(left.delete(message.MessageId));
      }
      assert.equal(left.size, 0, 'messages were lost');
    }),
    { numRuns: 200 },
  );
});

test('a FIFO queue gives each group in order, whatever happens between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), fc.nat(9), fc.boolean()), { maxLength: 40 }), async (steps) => {
      const h = harness();
      const QueueUrl = await h.queue('q.fifo', { FifoQueue: 'true', VisibilityTimeout: '2' });
      const sent: string[] = [];
      const done: string[] = [];
      const drain = async (max: number, keep: boolean): Promise<number> => {
        const { Messages = [] } = await h.call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: max });
        // A consumer that fails on a message gives up on the rest, as a FIFO consumer must.
        if (!keep)
          for (const { Body, ReceiptHandle } of Messages) {
            await h.call('DeleteMessage', { QueueUrl, ReceiptHandle });
            done.push(Body);
          }
        return Messages.length;
      };
      for (const [what, n, keep] of steps) {
        if (what === 0) {
          const MessageBody = `${n % 3}:${sent.length}`;
          sent.push(MessageBody);
          await h.call('SendMessage', {
            QueueUrl,
            MessageBody,
            MessageGroupId: `${n % 3}`,
            MessageDeduplicationId: MessageBody,
          });
        } else if (what === 1) await drain(n + 1, keep);
        else h.clock.advance(n * 300);
      }
      h.clock.advance(2_000);
      while ((await drain(10, false)) > 0);
      for (const group of ['0', '1', '2']) {
        const of = (bodies: string[]): string[] => bodies.filter((body) => body.startsWith(group));
        assert.deepEqual(of(done), of(sent));
      }
    }),
    { numRuns: 150 },
  );
});

test('over a backlog of ten thousand messages, each cycle gets one and the counters stay exact', async () => {
  const h = harness();
  const QueueUrl = await h.queue('q');
  const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: `${i}`, MessageBody: 'x' }));
  for (let i = 0; i < 1_000; i++) await h.call('SendMessageBatch', { QueueUrl, Entries });
  for (let i = 0; i < 200; i++) {
    await h.call('SendMessage', { QueueUrl, MessageBody: 'x' });
    const { Messages } = await h.call('ReceiveMessage', { QueueUrl });
    assert.deepEqual(await h.counts(QueueUrl), [10_000, 1, 0]);
    await h.call('DeleteMessage', { QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle });
  }
  assert.deepEqual(await h.counts(QueueUrl), [10_000, 0, 0]);
});

test.run();
