import assert from 'node:assert/strict';
import { test } from 'uvu';
import { codeOf, type Harness, harness } from '../support.ts';

async function fifo(attributes: Record<string, string> = {}) {
  const h = harness();
  const QueueUrl = await h.queue('q.fifo', { FifoQueue: 'true', ...attributes });
  const send = (MessageBody: string, MessageGroupId: string, MessageDeduplicationId?: string) =>
    h.call('SendMessage', { QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId });
  return { ...h, QueueUrl, send };
}

async function receive(h: Harness, QueueUrl: string, more: object = {}) {
  const { Messages } = await h.call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, ...more });
  return (Messages ?? []) as { Body: string; MessageId: string; ReceiptHandle: string }[];
}

const bodies = (messages: { Body: string }[]): string => messages.map((m) => m.Body).join('');

test('a group is handed out in order, several at once, and locked while in flight', async () => {
  const h = await fifo();
  for (const [body, group] of ['a1', 'b1', 'a2', 'a3', 'b2'].map((x) => [x, x.slice(0, 1)]))
    await h.send(body ?? '', group ?? '', body);
  const first = await receive(h, h.QueueUrl, { MaxNumberOfMessages: 2 });
  assert.equal(bodies(first), 'a1a2');
  const second = await receive(h, h.QueueUrl);
  assert.equal(bodies(second), 'b1b2');
  assert.equal(bodies(await receive(h, h.QueueUrl)), '');
  await h.call('DeleteMessage', { QueueUrl: h.QueueUrl, ReceiptHandle: first[0]?.ReceiptHandle });
  assert.equal(bodies(await receive(h, h.QueueUrl)), '');
  await h.call('DeleteMessage', { QueueUrl: h.QueueUrl, ReceiptHandle: first[1]?.ReceiptHandle });
  assert.equal(bodies(await receive(h, h.QueueUrl)), 'a3');
  assert.deepEqual(await h.counts(h.QueueUrl), [0, 3, 0]);
});

test('the metrics count the groups with messages in flight; a standard queue has none', async () => {
  const h = await fifo({ VisibilityTimeout: '5' });
  const groups = () => h.sqs.metrics().find(({ queueName }) => queueName === 'q.fifo')?.groupsInFlight;
  for (const [body, group] of ['a1', 'a2', 'b1', 'c1'].map((x) => [x, x.slice(0, 1)]))
    await h.send(body ?? '', group ?? '', body);
  assert.equal(groups(), 0);
  const taken = await receive(h, h.QueueUrl, { MaxNumberOfMessages: 3 });
  assert.equal(bodies(taken), 'a1a2b1');
  assert.equal(groups(), 2);
  await h.call('DeleteMessage', { QueueUrl: h.QueueUrl, ReceiptHandle: taken[2]?.ReceiptHandle });
  assert.equal(groups(), 1);
  h.clock.advance(5_000);
  assert.equal(groups(), 0);
  await h.queue('plain');
  assert.ok(!('groupsInFlight' in (h.sqs.metrics().find(({ queueName }) => queueName === 'plain') ?? {})));
});

test('what was not deleted comes again before what follows', async () => {
  const h = await fifo({ VisibilityTimeout: '5' });
  for (const body of ['1', '2', '3']) await h.send(body, 'g', body);
  const [first] = await receive(h, h.QueueUrl, { MaxNumberOfMessages: 1 });
  h.clock.advance(5_000);
  const expired = h.call('DeleteMessage', { QueueUrl: h.QueueUrl, ReceiptHandle: first?.ReceiptHandle });
  assert.equal(await codeOf(expired), 'InvalidParameterValueException');
  assert.equal(bodies(await receive(h, h.QueueUrl)), '123');
});

test('a duplicate within five minutes is accepted but not delivered', async () => {
  const h = await fifo();
  const one = await h.send('x', 'g', 'd');
  const two = await h.send('y', 'other', 'd');
  assert.equal(two.MessageId, one.MessageId);
  assert.equal(two.SequenceNumber, one.SequenceNumber);
  assert.deepEqual(await h.counts(h.QueueUrl), [1, 0, 0]);
  const [message] = await receive(h, h.QueueUrl);
  await h.call('DeleteMessage', { QueueUrl: h.QueueUrl, ReceiptHandle: message?.ReceiptHandle });
  await h.send('x', 'g', 'd');
  assert.deepEqual(await h.counts(h.QueueUrl), [0, 0, 0]);
  h.clock.advance(300_000);
  const three = await h.send('x', 'g', 'd');
  assert.ok(three.SequenceNumber > one.SequenceNumber);
  assert.equal(three.SequenceNumber.length, 20);
  assert.deepEqual(await h.counts(h.QueueUrl), [1, 0, 0]);
});

test('content-based deduplication, and deduplication by group', async () => {
  const h = await fifo({ ContentBasedDeduplication: 'true', DeduplicationScope: 'messageGroup' });
  await h.send('same', 'a');
  await h.send('same', 'a');
  await h.send('same', 'b');
  assert.deepEqual(await h.counts(h.QueueUrl), [2, 0, 0]);
});

test('FIFO parameters that are missing or out of place', async () => {
  const h = await fifo();
  assert.equal(
    await codeOf(h.call('SendMessage', { QueueUrl: h.QueueUrl, MessageBody: 'x' })),
    'MissingRequiredParameterException',
  );
  assert.equal(await codeOf(h.send('x', 'g')), 'InvalidParameterValueException');
  assert.equal(await codeOf(h.send('x', 'g', 'white space')), 'InvalidParameterValueException');
  const delayed = { QueueUrl: h.QueueUrl, MessageBody: 'x', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  assert.equal(await codeOf(h.call('SendMessage', { ...delayed, DelaySeconds: 3 })), 'InvalidParameterValueException');
  const set = (Attributes: object) => h.call('SetQueueAttributes', { QueueUrl: h.QueueUrl, Attributes });
  assert.equal(await codeOf(set({ FifoThroughputLimit: 'perMessageGroupId' })), 'InvalidAttributeValue');
  await set({ FifoThroughputLimit: 'perMessageGroupId', DeduplicationScope: 'messageGroup' });
});

test('ReceiveRequestAttemptId gives the same messages again', async () => {
  const h = await fifo({ VisibilityTimeout: '30' });
  await h.send('1', 'g', '1');
  const first = await receive(h, h.QueueUrl, { ReceiveRequestAttemptId: 'try' });
  h.clock.advance(20_000);
  const again = await receive(h, h.QueueUrl, { ReceiveRequestAttemptId: 'try' });
  assert.deepEqual(again, first);
  h.clock.advance(20_000);
  assert.deepEqual(await h.counts(h.QueueUrl), [0, 1, 0]);
  h.clock.advance(10_000);
  assert.deepEqual(await h.counts(h.QueueUrl), [1, 0, 0]);
});

test.run();
