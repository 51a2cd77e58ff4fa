import assert from 'node:assert/strict';
import { test } from 'uvu';
import { type Harness, harness } from '../support.ts';

/** A long poll with a way to see whether it has ended yet. */
function poll(h: Harness, input: object, signal?: AbortSignal) {
  const state: { ended: boolean; bodies: string[] } = { ended: false, bodies: [] };
  const call = h.call('ReceiveMessage', { WaitTimeSeconds: 20, ...input }, signal ? { signal } : {});
  const done = call.then((reply) => {
    state.ended = true;
    state.bodies = (reply.Messages ?? []).map((m: { Body: string }) => m.Body);
  });
  return { state, done };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a long poll wakes when a message arrives', async () => {
  const h = harness();
  const QueueUrl = await h.queue('q');
  const one = poll(h, { QueueUrl });
  await settle();
  assert.equal(one.state.ended, false);
  await h.call('SendMessage', { QueueUrl, MessageBody: 'x' });
  await one.done;
  assert.deepEqual(one.state.bodies, ['x']);
});

test('a long poll wakes when a delay ends and when a visibility timeout ends', async () => {
  const h = harness();
  const QueueUrl = await h.queue('q', { VisibilityTimeout: '7' });
  await h.call('SendMessage', { QueueUrl, MessageBody: 'x', DelaySeconds: 3 });
  const one = poll(h, { QueueUrl });
  await settle();
  h.clock.advance(2_999);
  await settle();
  assert.equal(one.state.ended, false);
  h.clock.advance(1);
  await one.done;
  assert.deepEqual(one.state.bodies, ['x']);
  const two = poll(h, { QueueUrl });
  await settle();
  h.clock.advance(7_000);
  await two.done;
  assert.deepEqual(two.state.bodies, ['x']);
});

test('a long poll that finds nothing ends empty at its time; the queue attribute is its default', async () => {
  const h = harness();
  const QueueUrl = await h.queue('q', { ReceiveMessageWaitTimeSeconds: '2' });
  const one = poll(h, { QueueUrl, WaitTimeSeconds: undefined });
  await settle();
  h.clock.advance(1_999);
  await settle();
  assert.equal(one.state.ended, false);
  h.clock.advance(1);
  await one.done;
  assert.deepEqual(one.state.bodies, []);
  assert.equal(h.sqs.metrics()[0]?.emptyReceives, 1);
});

test('a client that hangs up takes no message with it', async () => {
  const h = harness();
  const QueueUrl = await h.queue('q');
  const hangUp = new AbortController();
  const gone = poll(h, { QueueUrl }, hangUp.signal);
  const stays = poll(h, { QueueUrl });
  await settle();
  hangUp.abort();
  await gone.done;
  await h.call('SendMessage', { QueueUrl, MessageBody: 'x' });
  await stays.done;
  assert.deepEqual(stays.state.bodies, ['x']);
  const already = poll(h, { QueueUrl }, hangUp.signal);
  await already.done;
  assert.deepEqual(await h.counts(QueueUrl), [0, 1, 0]);
});

test('polls are served in the order in which they came, and a batch fills one', async () => {
  const h = harness();
  const QueueUrl = await h.queue('q');
  const first = poll(h, { QueueUrl, MaxNumberOfMessages: 2 });
  const second = poll(h, { QueueUrl, MaxNumberOfMessages: 2 });
  await settle();
  const Entries = ['a', 'b', 'c'].map((MessageBody) => ({ Id: MessageBody, MessageBody }));
  await h.call('SendMessageBatch', { QueueUrl, Entries });
  await Promise.all([first.done, second.done]);
  assert.deepEqual(first.state.bodies, ['a', 'b']);
  assert.deepEqual(second.state.bodies, ['c']);
});

test('a message returned by its receiver wakes a poll', async () => {
  const h = harness();
  const QueueUrl = await h.queue('q');
  await h.call('SendMessage', { QueueUrl, MessageBody: 'x' });
  const { Messages } = await h.call('ReceiveMessage', { QueueUrl });
  const one = poll(h, { QueueUrl });
  await settle();
  const { ReceiptHandle } = Messages[0];
  await h.call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
  await one.done;
  assert.deepEqual(one.state.bodies, ['x']);
});

test.run();
