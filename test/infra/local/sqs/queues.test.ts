import assert from 'node:assert/strict';
import { test } from 'uvu';
import { compacted } from '../kept.ts';
import { codeOf, errorOf, type Harness, harness } from '../support.ts';

test('CreateQueue is idempotent only with equal attributes', async () => {
  const { call, queue } = harness();
  const url = await queue('q', { VisibilityTimeout: '5' });
  assert.equal(url, 'http://127.0.0.1:4566/000000000000/q');
  assert.equal(await queue('q'), url);
  assert.equal(await queue('q', { VisibilityTimeout: '5' }), url);
  const error = await errorOf(call('CreateQueue', { QueueName: 'q', Attributes: { VisibilityTimeout: '6' } }));
  assert.equal(error.code, 'QueueNameExists');
  assert.equal(error.queryCode, 'QueueAlreadyExists');
});

test('queue names keep their rules', async () => {
  const { call, queue } = harness();
  for (const QueueName of ['', 'a b', 'x'.repeat(81), 'a.b'])
    assert.match(await codeOf(call('CreateQueue', { QueueName })), /InvalidParameterValue|MissingRequired/);
  assert.equal(await codeOf(call('CreateQueue', { QueueName: 'f.fifo' })), 'InvalidParameterValueException');
  assert.equal(
    await codeOf(call('CreateQueue', { QueueName: 'f', Attributes: { FifoQueue: 'true' } })),
    'InvalidParameterValueException',
  );
  assert.ok(await queue('f.fifo', { FifoQueue: 'true' }));
});

test('attributes: none asked gives none, an unknown name fails the whole call', async () => {
  const { call, queue } = harness();
  const QueueUrl = await queue('q');
  assert.deepEqual(await call('GetQueueAttributes', { QueueUrl }), {});
  const names = ['ApproximateNumberOfMessages', 'ApproximateAgeOfOldestMessage'];
  const error = await errorOf(call('GetQueueAttributes', { QueueUrl, AttributeNames: names }));
  assert.equal(error.code, 'InvalidAttributeName');
  assert.equal(error.message, 'Unknown Attribute ApproximateAgeOfOldestMessage.');
  const one = await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
  assert.deepEqual(one, { Attributes: { QueueArn: 'arn:aws:sqs:us-east-1:000000000000:q' } });
});

test('SetQueueAttributes checks ranges and names, and keeps what it is not given', async () => {
  const { call, queue } = harness();
  const QueueUrl = await queue('q');
  const set = (Attributes: object) => call('SetQueueAttributes', { QueueUrl, Attributes });
  const get = async () => (await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] })).Attributes;
  const policy = JSON.stringify({ Statement: { Effect: 'Deny', Principal: '*', Action: 'sqs:ReceiveMessage' } });
  await set({ Policy: policy });
  await set({ VisibilityTimeout: '43200', DelaySeconds: '0', MessageRetentionPeriod: '60' });
  assert.equal((await get()).Policy, policy);
  const bad = [
    ['VisibilityTimeout', '43201'],
    ['VisibilityTimeout', '-1'],
    ['VisibilityTimeout', 'x'],
    ['DelaySeconds', '901'],
    ['ReceiveMessageWaitTimeSeconds', '21'],
    ['MessageRetentionPeriod', '59'],
    ['MaximumMessageSize', '1023'],
    ['Policy', '{'],
    ['Policy', '{"Statement":[{"Effect":"Maybe","Principal":"*","Action":"sqs:*"}]}'],
    ['RedrivePolicy', '{"maxReceiveCount":1}'],
  ];
  for (const [name, value] of bad)
    assert.equal(await codeOf(set({ [name ?? '']: value })), 'InvalidAttributeValue', name);
  for (const name of ['Nonsense', 'constructor', 'QueueArn', 'ContentBasedDeduplication', 'FifoQueue'])
    assert.equal(await codeOf(set({ [name]: 'true' })), 'InvalidAttributeName', name);
  assert.equal((await get()).VisibilityTimeout, '43200');
  await set({ Policy: '' });
  assert.equal((await get()).Policy, undefined);
});

test('queues are found by the path of their URL, whatever its host', async () => {
  const { call, queue } = harness();
  await queue('q');
  for (const host of ['http://127.0.0.1:4566', 'https://queue.amazonaws.com', 'http://localhost'])
    await call('SendMessage', { QueueUrl: `${host}/000000000000/q`, MessageBody: 'x' });
  for (const path of ['/000000000000/r', '/111111111111/q', '/q', ''])
    assert.equal(await codeOf(call('GetQueueAttributes', { QueueUrl: `http://h${path}` })), 'QueueDoesNotExist');
  assert.equal(await codeOf(call('GetQueueAttributes', {})), 'MissingRequiredParameterException');
  assert.equal(await codeOf(call('GetQueueUrl', { QueueName: 'nope' })), 'QueueDoesNotExist');
});

test('ListQueues: prefix and pages', async () => {
  const { call, queue } = harness();
  assert.deepEqual(await call('ListQueues'), {});
  for (const name of ['b2', 'a1', 'b1', 'b3']) await queue(name);
  const first = await call('ListQueues', { QueueNamePrefix: 'b', MaxResults: 2 });
  assert.deepEqual(
    first.QueueUrls.map((url: string) => url.slice(-2)),
    ['b1', 'b2'],
  );
  const second = await call('ListQueues', { QueueNamePrefix: 'b', MaxResults: 2, NextToken: first.NextToken });
  assert.deepEqual(
    second.QueueUrls.map((url: string) => url.slice(-2)),
    ['b3'],
  );
  assert.equal(second.NextToken, undefined);
  assert.equal(await codeOf(call('ListQueues', { MaxResults: 0 })), 'InvalidParameterValueException');
});

test('tags and permissions', async () => {
  const { call, queue } = harness();
  const QueueUrl = await queue('q');
  assert.deepEqual(await call('ListQueueTags', { QueueUrl }), {});
  await call('TagQueue', { QueueUrl, Tags: { a: '1', b: '2' } });
  await call('UntagQueue', { QueueUrl, TagKeys: ['a'] });
  assert.deepEqual(await call('ListQueueTags', { QueueUrl }), { Tags: { b: '2' } });
  const permission = { QueueUrl, Label: 'L', AWSAccountIds: ['123456789012'], Actions: ['SendMessage'] };
  await call('AddPermission', permission);
  assert.equal(await codeOf(call('AddPermission', permission)), 'InvalidParameterValueException');
  const { Attributes } = await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['Policy'] });
  assert.deepEqual(JSON.parse(Attributes.Policy).Statement, [
    {
      Sid: 'L',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::123456789012:root' },
      Action: 'SQS:SendMessage',
      Resource: 'arn:aws:sqs:us-east-1:000000000000:q',
    },
  ]);
  await call('RemovePermission', { QueueUrl, Label: 'L' });
  assert.deepEqual(await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['Policy'] }), {});
  assert.equal(await codeOf(call('RemovePermission', { QueueUrl, Label: 'L' })), 'InvalidParameterValueException');
});

test('PurgeQueue empties, and only once a minute', async () => {
  const { call, clock, counts, queue } = harness();
  const QueueUrl = await queue('q');
  await call('SendMessage', { QueueUrl, MessageBody: 'x', DelaySeconds: 5 });
  await call('SendMessage', { QueueUrl, MessageBody: 'y' });
  await call('PurgeQueue', { QueueUrl });
  assert.deepEqual(await counts(QueueUrl), [0, 0, 0]);
  assert.equal(await codeOf(call('PurgeQueue', { QueueUrl })), 'PurgeQueueInProgress');
  clock.advance(60_000);
  assert.deepEqual(await call('PurgeQueue', { QueueUrl }), {});
});

test('a deleted queue is gone, and who waits on it is told', async () => {
  const { call, queue } = harness();
  const QueueUrl = await queue('q');
  const waiting = codeOf(call('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }));
  await call('DeleteQueue', { QueueUrl });
  assert.equal(await waiting, 'QueueDoesNotExist');
  assert.equal(await codeOf(call('DeleteQueue', { QueueUrl })), 'QueueDoesNotExist');
});

for (const [how, entitiesOf] of [
  ['its journal', (one: Harness) => one.kept.entities()],
  ['a compaction', (one: Harness) => compacted(one.sqs)],
] as const)
  test(`a restart from ${how} finds queues, messages and receipts`, async () => {
    const one = harness();
    const QueueUrl = await one.queue('q', { DelaySeconds: '0' });
    const fifoUrl = await one.queue('f.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    for (const MessageBody of ['a', 'b', 'c']) await one.call('SendMessage', { QueueUrl, MessageBody });
    await one.call('SendMessage', { QueueUrl, MessageBody: 'd', DelaySeconds: 60 });
    const fifo = { QueueUrl: fifoUrl, MessageGroupId: 'g' };
    await one.call('SendMessage', { ...fifo, MessageBody: '1' });
    const last = await one.call('SendMessage', { ...fifo, MessageBody: '2' });
    const { Messages } = await one.call('ReceiveMessage', { QueueUrl });
    await one.call('ReceiveMessage', { QueueUrl: fifoUrl });
    const two = harness(entitiesOf(one), one.clock);
    assert.deepEqual(await two.counts(QueueUrl), [2, 1, 1]);
    // The FIFO group is still locked, and the duplicate still known.
    assert.deepEqual(await two.call('ReceiveMessage', { QueueUrl: fifoUrl }), {});
    await two.call('SendMessage', { ...fifo, MessageBody: '1' });
    assert.deepEqual(await two.counts(fifoUrl), [1, 1, 0]);
    // Sequence numbers go on growing.
    const next = await two.call('SendMessage', { ...fifo, MessageBody: '3' });
    assert.equal(BigInt(next.SequenceNumber), BigInt(last.SequenceNumber) + 1n);
    await two.call('DeleteMessage', { QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle });
    assert.deepEqual(await two.counts(QueueUrl), [2, 0, 1]);
  });

test.run();
