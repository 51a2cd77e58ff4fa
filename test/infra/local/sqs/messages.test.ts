import assert from 'node:assert/strict';
import { test } from 'uvu';
import { codeOf, errorOf, harness } from '../support.ts';

test('counters follow the clock, whether or not anybody receives', async () => {
  const { call, clock, counts, queue } = harness();
  const QueueUrl = await queue('q', { VisibilityTimeout: '10' });
  await call('SendMessage', { QueueUrl, MessageBody: 'now' });
  await call('SendMessage', { QueueUrl, MessageBody: 'later', DelaySeconds: 5 });
  assert.deepEqual(await counts(QueueUrl), [1, 0, 1]);
  await call('ReceiveMessage', { QueueUrl });
  assert.deepEqual(await counts(QueueUrl), [0, 1, 1]);
  clock.advance(4_999);
  assert.deepEqual(await counts(QueueUrl), [0, 1, 1]);
  clock.advance(1);
  assert.deepEqual(await counts(QueueUrl), [1, 1, 0]);
  clock.advance(5_000);
  assert.deepEqual(await counts(QueueUrl), [2, 0, 0]);
  clock.advance(345_600_000);
  assert.deepEqual(await counts(QueueUrl), [0, 0, 0]);
});

test('checksums, attributes and system attributes come back', async () => {
  const { call, queue } = harness();
  const QueueUrl = await queue('q');
  const MessageAttributes = {
    text: { DataType: 'String', StringValue: 'värde' },
    bytes: { DataType: 'Binary.png', BinaryValue: Buffer.from([0, 1, 255]).toString('base64') },
    'n.1': { DataType: 'Number', StringValue: '-1.5' },
  };
  const trace = { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' };
  const sent = await call('SendMessage', {
    QueueUrl,
    MessageBody: 'hello',
    MessageAttributes,
    MessageSystemAttributes: { AWSTraceHeader: trace },
  });
  assert.equal(sent.MD5OfMessageBody, '5d41402abc4b2a76b9719d911017c592');
  const { Messages } = await call('ReceiveMessage', {
    QueueUrl,
    AttributeNames: ['SentTimestamp'],
    MessageSystemAttributeNames: ['AWSTraceHeader', 'ApproximateReceiveCount'],
    MessageAttributeNames: ['All'],
  });
  assert.equal(Messages[0].MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
  assert.deepEqual(Messages[0].MessageAttributes, MessageAttributes);
  assert.deepEqual(Messages[0].Attributes, {
    SentTimestamp: '1700000000000',
    AWSTraceHeader: trace.StringValue,
    ApproximateReceiveCount: '1',
  });
});

test('MessageAttributeNames: exact, by prefix, and none', async () => {
  const { call, queue } = harness();
  const QueueUrl = await queue('q', { VisibilityTimeout: '0' });
  const value = { DataType: 'String', StringValue: 'x' };
  await call('SendMessage', {
    QueueUrl,
    MessageBody: 'b',
    MessageAttributes: { 'a.1': value, 'a.2': value, b: value },
  });
  const names = async (MessageAttributeNames?: string[]) => {
    const { Messages } = await call('ReceiveMessage', { QueueUrl, MessageAttributeNames });
    return Object.keys(Messages[0].MessageAttributes ?? {}).sort();
  };
  assert.deepEqual(await names(), []);
  assert.deepEqual(await names(['a.*']), ['a.1', 'a.2']);
  assert.deepEqual(await names(['.*']), ['a.1', 'a.2', 'b']);
  assert.deepEqual(await names(['b', 'zz']), ['b']);
});

test('what a message may hold', async () => {
  const { call, queue } = harness();
  const QueueUrl = await queue('q', { MaximumMessageSize: '1024' });
  const send = (more: object) => call('SendMessage', { QueueUrl, MessageBody: 'x', ...more });
  assert.ok(await send({ MessageBody: 'x'.repeat(1024) }));
  assert.equal(await codeOf(send({ MessageBody: 'x'.repeat(1025) })), 'InvalidParameterValueException');
  assert.equal(await codeOf(send({ MessageBody: 'é'.repeat(513) })), 'InvalidParameterValueException');
  assert.equal(await codeOf(send({ MessageBody: 'a\u0000b' })), 'InvalidMessageContents');
  assert.equal(await codeOf(send({ MessageBody: 'a\ud800b' })), 'InvalidMessageContents');
  assert.ok(await send({ MessageBody: 'tab\tline\n\u{1F600}' }));
  assert.equal(await codeOf(send({ MessageBody: '' })), 'MissingRequiredParameterException');
  assert.equal(await codeOf(send({ MessageBody: 5 })), 'SerializationException');
  assert.equal(await codeOf(send({ DelaySeconds: 901 })), 'InvalidParameterValueException');
  assert.equal(await codeOf(send({ MessageDeduplicationId: 'x' })), 'InvalidParameterValueException');
  for (const attribute of [
    { DataType: 'Integer', StringValue: '1' },
    { DataType: 'String', StringValue: '' },
    { DataType: 'Number', StringValue: 'abc' },
    { StringValue: 'x' },
  ])
    assert.equal(await codeOf(send({ MessageAttributes: { a: attribute } })), 'InvalidParameterValueException');
  const value = { DataType: 'String', StringValue: 'x' };
  assert.equal(await codeOf(send({ MessageAttributes: { 'AWS.x': value } })), 'InvalidParameterValueException');
  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, value]));
  assert.equal(await codeOf(send({ MessageAttributes: eleven })), 'InvalidParameterValueException');
});

test('receive: limits of its parameters', async () => {
  const { call, queue } = harness();
  const QueueUrl = await queue('q');
  for (const more of [
    { MaxNumberOfMessages: 0 },
    { MaxNumberOfMessages: 11 },
    { WaitTimeSeconds: 21 },
    { VisibilityTimeout: 43_201 },
  ])
    assert.equal(await codeOf(call('ReceiveMessage', { QueueUrl, ...more })), 'InvalidParameterValueException');
  assert.equal(await codeOf(call('ReceiveMessage', { QueueUrl, AttributeNames: ['Nope'] })), 'InvalidAttributeName');
  assert.deepEqual(await call('ReceiveMessage', { QueueUrl }), {});
});

test('receipt handles: only the newest deletes, foreign ones are refused', async () => {
  const { call, clock, counts, queue } = harness();
  const QueueUrl = await queue('q', { VisibilityTimeout: '1' });
  const other = await queue('other');
  await call('SendMessage', { QueueUrl, MessageBody: 'x' });
  const receive = async () => (await call('ReceiveMessage', { QueueUrl })).Messages[0].ReceiptHandle;
  const first = await receive();
  clock.advance(1000);
  const second = await receive();
  await call('DeleteMessage', { QueueUrl, ReceiptHandle: first });
  assert.deepEqual(await counts(QueueUrl), [0, 1, 0]);
  assert.equal(
    await codeOf(call('DeleteMessage', { QueueUrl: other, ReceiptHandle: second })),
    'ReceiptHandleIsInvalid',
  );
  assert.equal(await codeOf(call('DeleteMessage', { QueueUrl, ReceiptHandle: 'bogus' })), 'ReceiptHandleIsInvalid');
  await call('DeleteMessage', { QueueUrl, ReceiptHandle: second });
  await call('DeleteMessage', { QueueUrl, ReceiptHandle: second });
  assert.deepEqual(await counts(QueueUrl), [0, 0, 0]);
});

test('a message can be deleted after its timeout, while nobody else received it', async () => {
  const { call, clock, counts, queue } = harness();
  const QueueUrl = await queue('q', { VisibilityTimeout: '1' });
  await call('SendMessage', { QueueUrl, MessageBody: 'x' });
  const { Messages } = await call('ReceiveMessage', { QueueUrl });
  clock.advance(1000);
  assert.deepEqual(await counts(QueueUrl), [1, 0, 0]);
  await call('DeleteMessage', { QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle });
  assert.deepEqual(await counts(QueueUrl), [0, 0, 0]);
});

test('ChangeMessageVisibility: back at once, for longer, and its errors', async () => {
  const { call, clock, counts, queue } = harness();
  const QueueUrl = await queue('q', { VisibilityTimeout: '10' });
  await call('SendMessage', { QueueUrl, MessageBody: 'x' });
  let handle = (await call('ReceiveMessage', { QueueUrl })).Messages[0].ReceiptHandle;
  const change = (VisibilityTimeout: number) =>
    call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: handle, VisibilityTimeout });
  await change(100);
  clock.advance(99_000);
  assert.deepEqual(await counts(QueueUrl), [0, 1, 0]);
  await change(0);
  assert.deepEqual(await counts(QueueUrl), [1, 0, 0]);
  const error = await errorOf(change(5));
  assert.equal(error.code, 'MessageNotInflight');
  assert.equal(error.queryCode, 'AWS.SimpleQueueService.MessageNotInflight');
  handle = (await call('ReceiveMessage', { QueueUrl })).Messages[0].ReceiptHandle;
  clock.advance(5000);
  assert.equal(await codeOf(change(43_200)), 'InvalidParameterValueException');
  await change(43_195);
  await call('DeleteMessage', { QueueUrl, ReceiptHandle: handle });
  assert.equal(await codeOf(change(5)), 'InvalidParameterValueException');
  assert.equal(await codeOf(change(-1)), 'InvalidParameterValueException');
});

test('batches: one outcome for each entry, and rules for the whole', async () => {
  const { call, counts, queue } = harness();
  const QueueUrl = await queue('q');
  const sent = await call('SendMessageBatch', {
    QueueUrl,
    Entries: [
      { Id: 'a', MessageBody: 'x' },
      { Id: 'b', MessageBody: 'bad \u0001' },
    ],
  });
  assert.deepEqual(
    sent.Successful.map((e: { Id: string }) => e.Id),
    ['a'],
  );
  assert.equal(sent.Failed[0].Code, 'InvalidMessageContents');
  assert.equal(sent.Failed[0].SenderFault, true);
  const entries = (ids: string[]) => ids.map((Id) => ({ Id, MessageBody: 'x' }));
  const bad = async (Entries: object[]) => await codeOf(call('SendMessageBatch', { QueueUrl, Entries }));
  assert.equal(await bad([]), 'EmptyBatchRequest');
  assert.equal(await bad(entries(Array.from({ length: 11 }, (_, i) => `i${i}`))), 'TooManyEntriesInBatchRequest');
  assert.equal(await bad(entries(['a', 'a'])), 'BatchEntryIdsNotDistinct');
  assert.equal(await bad(entries(['a b'])), 'InvalidBatchEntryId');
  const big = 'x'.repeat(600_000);
  assert.equal(
    await bad([
      { Id: 'a', MessageBody: big },
      { Id: 'b', MessageBody: big },
    ]),
    'BatchRequestTooLong',
  );
  const { Messages } = await call('ReceiveMessage', { QueueUrl });
  const handles = [
    { Id: 'ok', ReceiptHandle: Messages[0].ReceiptHandle },
    { Id: 'no', ReceiptHandle: 'x' },
  ];
  const changed = await call('ChangeMessageVisibilityBatch', {
    QueueUrl,
    Entries: handles.map((entry) => ({ ...entry, VisibilityTimeout: 60 })),
  });
  assert.deepEqual(changed.Successful, [{ Id: 'ok' }]);
  const deleted = await call('DeleteMessageBatch', { QueueUrl, Entries: handles });
  assert.deepEqual(deleted.Successful, [{ Id: 'ok' }]);
  assert.equal(deleted.Failed[0].Code, 'ReceiptHandleIsInvalid');
  assert.deepEqual(await counts(QueueUrl), [0, 0, 0]);
});

test('a standard queue refuses more than 120,000 in flight', async () => {
  const { call, counts, queue, sqs } = harness();
  const QueueUrl = await queue('q');
  const entries = Array.from({ length: 10 }, (_, i) => ({ Id: `${i}`, MessageBody: 'x' }));
  for (let i = 0; i < 12_001; i++) await sqs.handle('SendMessageBatch', { QueueUrl, Entries: entries }, context);
  for (let i = 0; i < 12_000; i++) await sqs.handle('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 }, context);
  assert.deepEqual(await counts(QueueUrl), [10, 120_000, 0]);
  const error = await errorOf(call('ReceiveMessage', { QueueUrl }));
  assert.equal(error.code, 'OverLimit');
});

const context = {
  requestId: 'r',
  principal: {
    accountId: '000000000000',
    arn: 'arn:aws:iam::000000000000:root',
    principalArn: 'arn:aws:iam::000000000000:root',
    accessKeyId: '',
    verified: true,
  },
  signal: new AbortController().signal,
};

test.run();
