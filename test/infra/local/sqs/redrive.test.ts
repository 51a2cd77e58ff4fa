import assert from 'node:assert/strict';
import { test } from 'uvu';
import { codeOf, harness } from '../support.ts';

const arn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const redrive = (target: string, maxReceiveCount = 2): string =>
  JSON.stringify({ deadLetterTargetArn: arn(target), maxReceiveCount });

async function withDeadLetters() {
  const h = harness();
  const dead = await h.queue('dead');
  const QueueUrl = await h.queue('q', { VisibilityTimeout: '1', RedrivePolicy: redrive('dead') });
  const fail = async (times: number) => {
    for (let i = 0; i < times; i++) {
      await h.call('ReceiveMessage', { QueueUrl });
      h.clock.advance(1000);
    }
  };
  return { ...h, dead, QueueUrl, fail };
}

test('a message received too often moves at the next receive, and keeps its identity', async () => {
  const h = await withDeadLetters();
  const { MessageId } = await h.call('SendMessage', { QueueUrl: h.QueueUrl, MessageBody: 'x' });
  await h.fail(2);
  assert.deepEqual(await h.counts(h.QueueUrl), [1, 0, 0]);
  assert.deepEqual(await h.call('ReceiveMessage', { QueueUrl: h.QueueUrl }), {});
  assert.deepEqual(await h.counts(h.QueueUrl), [0, 0, 0]);
  const { Messages } = await h.call('ReceiveMessage', { QueueUrl: h.dead, AttributeNames: ['All'] });
  assert.equal(Messages[0].MessageId, MessageId);
  assert.equal(Messages[0].Attributes.DeadLetterQueueSourceArn, arn('q'));
  assert.equal(Messages[0].Attributes.ApproximateReceiveCount, '3');
});

test('a poll on the dead-letter queue wakes at the move', async () => {
  const h = await withDeadLetters();
  await h.call('SendMessage', { QueueUrl: h.QueueUrl, MessageBody: 'x' });
  const waiting = h.call('ReceiveMessage', { QueueUrl: h.dead, WaitTimeSeconds: 20 });
  await h.fail(3);
  assert.equal((await waiting).Messages[0].Body, 'x');
});

test('what a redrive policy must satisfy', async () => {
  const h = harness();
  await h.queue('closed', { RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' });
  await h.queue('some', {
    RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arn('ok')] }),
  });
  await h.queue('f.fifo', { FifoQueue: 'true' });
  const create = (QueueName: string, target: string) =>
    h.call('CreateQueue', { QueueName, Attributes: { RedrivePolicy: redrive(target) } });
  for (const target of ['missing', 'closed', 'some', 'f.fifo'])
    assert.equal(await codeOf(create('q', target)), 'InvalidParameterValueException', target);
  await create('ok', 'some');
  const sources = await h.call('ListDeadLetterSourceQueues', { QueueUrl: 'http://h/000000000000/some' });
  assert.deepEqual(sources, { queueUrls: ['http://127.0.0.1:4566/000000000000/ok'] });
});

test('a move task gives messages back to where they came from, at its rate', async () => {
  const h = await withDeadLetters();
  for (const MessageBody of ['1', '2', '3']) await h.call('SendMessage', { QueueUrl: h.QueueUrl, MessageBody });
  await h.fail(9);
  await h.call('ReceiveMessage', { QueueUrl: h.QueueUrl });
  assert.deepEqual(await h.counts(h.dead), [3, 0, 0]);
  const SourceArn = arn('dead');
  assert.equal(await codeOf(h.call('StartMessageMoveTask', { SourceArn: arn('q') })), 'InvalidParameterValueException');
  assert.equal(await codeOf(h.call('StartMessageMoveTask', { SourceArn: arn('nope') })), 'ResourceNotFoundException');
  const { TaskHandle } = await h.call('StartMessageMoveTask', { SourceArn, MaxNumberOfMessagesPerSecond: 1 });
  assert.equal(await codeOf(h.call('StartMessageMoveTask', { SourceArn })), 'UnsupportedOperation');
  h.clock.advance(1000);
  assert.deepEqual(await h.counts(h.QueueUrl), [2, 0, 0]);
  const running = (await h.call('ListMessageMoveTasks', { SourceArn })).Results[0];
  assert.equal(running.Status, 'RUNNING');
  assert.equal(running.TaskHandle, TaskHandle);
  assert.equal(running.ApproximateNumberOfMessagesMoved, 2);
  assert.deepEqual(await h.call('CancelMessageMoveTask', { TaskHandle }), { ApproximateNumberOfMessagesMoved: 2 });
  h.clock.advance(10_000);
  assert.deepEqual(await h.counts(h.dead), [1, 0, 0]);
  await h.call('StartMessageMoveTask', { SourceArn });
  h.clock.advance(0);
  const all = (await h.call('ListMessageMoveTasks', { SourceArn, MaxResults: 10 })).Results;
  assert.deepEqual(
    all.map((task: { Status: string }) => task.Status),
    ['COMPLETED', 'CANCELLED'],
  );
  assert.deepEqual(await h.counts(h.QueueUrl), [3, 0, 0]);
  assert.equal(await codeOf(h.call('CancelMessageMoveTask', { TaskHandle: 'x' })), 'ResourceNotFoundException');
});

test('metrics: the age of the oldest, absent when idle, and without what keeps failing', async () => {
  const h = await withDeadLetters();
  const of = (name: string) => h.sqs.metrics().find((each) => each.queueName === name);
  assert.equal(of('q')?.oldestAgeSeconds, undefined);
  await h.call('SendMessage', { QueueUrl: h.QueueUrl, MessageBody: 'four' });
  h.clock.advance(5_000);
  assert.equal(of('q')?.oldestAgeSeconds, 5);
  await h.call('SendMessage', { QueueUrl: h.QueueUrl, MessageBody: 'late', DelaySeconds: 900 });
  const open = await h.queue('open', { VisibilityTimeout: '1' });
  await h.call('SendMessage', { QueueUrl: open, MessageBody: 'poison' });
  for (let i = 0; i < 3; i++) {
    await h.call('ReceiveMessage', { QueueUrl: open });
    h.clock.advance(1000);
  }
  assert.equal(of('open')?.oldestAgeSeconds, undefined);
  assert.equal(of('open')?.visible, 1);
  const { queueName: _n, oldestAgeSeconds: _a, ...rest } = of('q') ?? {};
  assert.deepEqual(rest, {
    visible: 1,
    inFlight: 0,
    delayed: 1,
    sent: 2,
    received: 0,
    deleted: 0,
    emptyReceives: 0,
    sentBytes: 8,
  });
});

test.run();
