import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../../infra/local/index.ts';
import { AwsError, type CallRecord } from '../../../infra/local/service.ts';
import { raw } from './support.ts';

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

async function withAws(options: LocalAwsOptions, fn: (aws: LocalAws, problems: string[]) => Promise<void>) {
  const problems: string[] = [];
  const onProblem = (message: string): void => void problems.push(message);
  const aws = await startLocalAws({ port: 0, onProblem, ...options });
  try {
    await fn(aws, problems);
  } finally {
    await aws.close();
  }
}

function sqs(aws: LocalAws, action: string, input: unknown, headers: Record<string, string> = {}) {
  const body = typeof input === 'string' ? input : JSON.stringify(input);
  return raw(aws.port, { headers: { ...JSON_TYPE, 'x-amz-target': `AmazonSQS.${action}`, ...headers }, body });
}

test('an SQS call and an SQS error, as on the wire', async () => {
  await withAws({}, async (aws) => {
    const made = await sqs(aws, 'CreateQueue', { QueueName: 'q' });
    assert.equal(made.status, 200);
    assert.equal(made.headers['content-type'], 'application/x-amz-json-1.0');
    assert.match(String(made.headers['x-amzn-requestid']), /^[0-9a-f-]{36}$/);
    assert.deepEqual(JSON.parse(made.body), { QueueUrl: `${aws.url}/000000000000/q` });
    const lost = await sqs(aws, 'GetQueueUrl', { QueueName: 'nope' });
    assert.equal(lost.status, 400);
    assert.equal(lost.headers['x-amzn-query-error'], 'AWS.SimpleQueueService.NonExistentQueue;Sender');
    assert.deepEqual(JSON.parse(lost.body), {
      __type: 'com.amazonaws.sqs#QueueDoesNotExist',
      message: 'The specified queue does not exist.',
    });
  });
});

test('an SSM error: JSON 1.1, bare type, no query code', async () => {
  await withAws({}, async (aws) => {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameter' };
    const reply = await raw(aws.port, { headers, body: '{"Name":"/x"}' });
    assert.equal(reply.status, 400);
    assert.equal(reply.headers['content-type'], 'application/x-amz-json-1.1');
    assert.equal(reply.headers['x-amzn-query-error'], undefined);
    assert.equal(JSON.parse(reply.body).__type, 'ParameterNotFound');
  });
});

test('what it does not know, it says in words', async () => {
  await withAws({}, async (aws) => {
    const action = await sqs(aws, 'Nonsense', {});
    assert.equal(action.status, 400);
    assert.match(JSON.parse(action.body).__type, /#UnknownOperationException$/);
    assert.match(action.body, /ReceiveMessage/);
    const service = await raw(aws.port, { headers: { ...JSON_TYPE, 'x-amz-target': 'DynamoDB_20120810.PutItem' } });
    assert.match(service.body, /UnknownOperationException.*AmazonSQS, AmazonSSM/);
    assert.match((await raw(aws.port, { headers: JSON_TYPE })).body, /x-amz-target header is missing/);
    for (const body of ['{', '[]', '5', '"x"', 'null']) {
      const reply = await sqs(aws, 'ListQueues', body);
      assert.equal(reply.status, 400, body);
      assert.match(reply.body, /SerializationException/, body);
    }
    assert.equal((await sqs(aws, 'ListQueues', '')).status, 200);
    assert.equal((await raw(aws.port, { method: 'GET' })).status, 404);
  });
});

test('other protocols get an answer in their own form', async () => {
  await withAws({}, async (aws) => {
    const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const who = await raw(aws.port, { headers: form, body: 'Action=GetCallerIdentity&Version=2011-06-15' });
    assert.equal(who.status, 200);
    assert.equal(who.headers['content-type'], 'text/xml');
    assert.match(who.body, /<Arn>arn:aws:iam::000000000000:root<\/Arn>/);
    const other = await raw(aws.port, { headers: form, body: 'Action=SendMessage%3C&Version=2012-11-05' });
    assert.equal(other.status, 400);
    assert.match(other.body, /<ErrorResponse><Error><Type>Sender<\/Type><Code>InvalidAction<\/Code>/);
    assert.match(other.body, /SendMessage&lt;/);
    const cbor = await raw(aws.port, {
      path: '/service/GraniteServiceVersion20100801/operation/GetMetricData',
      headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' },
      body: Buffer.from([0xa0]),
    });
    assert.equal(cbor.status, 415);
    assert.match(cbor.body, /AWS JSON/);
  });
});

test('gzip bodies, damaged ones, and the limit', async () => {
  await withAws({}, async (aws) => {
    const headers = { ...JSON_TYPE, 'x-amz-target': 'AmazonSQS.CreateQueue', 'content-encoding': 'gzip' };
    const body = gzipSync(JSON.stringify({ QueueName: 'zipped' }));
    assert.match((await raw(aws.port, { headers, body })).body, /zipped/);
    assert.match((await raw(aws.port, { headers, body: body.subarray(0, 12) })).body, /SerializationException/);
    const bomb = gzipSync(Buffer.alloc(9 * 1024 * 1024));
    assert.equal((await raw(aws.port, { headers, body: bomb })).status, 413);
    assert.equal((await sqs(aws, 'ListQueues', 'x'.repeat(9 * 1024 * 1024))).status, 413);
    assert.equal((await sqs(aws, 'ListQueues', {}, { 'content-encoding': 'br' })).status, 415);
  });
});

test('a web page cannot reach it', async () => {
  await withAws({}, async (aws) => {
    for (const headers of [
      { host: 'evil.example' },
      { host: `127.0.0.1.evil.example:${aws.port}` },
      { origin: 'http://localhost:3000' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-origin' },
    ]) {
      const reply = await sqs(aws, 'ListQueues', {}, headers as Record<string, string>);
      assert.equal(reply.status, 403, JSON.stringify(headers));
      assert.equal(reply.headers['access-control-allow-origin'], undefined);
    }
    const options = await raw(aws.port, { method: 'OPTIONS', headers: { origin: 'http://x' } });
    assert.equal(options.status, 403);
    for (const host of ['localhost', '[::1]:4566', '127.0.0.1:1'])
      assert.equal((await sqs(aws, 'ListQueues', {}, { host })).status, 200);
  });
});

test('faults: an error, a reset, a page of HTML, a delay, silence', async () => {
  let next: ReturnType<NonNullable<LocalAwsOptions['faults']>>;
  const calls: CallRecord[] = [];
  const options: LocalAwsOptions = { faults: () => next, onCall: (call) => calls.push(call) };
  await withAws(options, async (aws) => {
    next = new AwsError('ThrottlingException', 'Rate exceeded');
    assert.equal((await sqs(aws, 'ListQueues', {})).status, 400);
    assert.equal(calls.at(-1)?.error, 'ThrottlingException');
    next = 'reset';
    assert.match(await sqs(aws, 'ListQueues', {}).catch((error) => error.code), /ECONNRESET/);
    next = 'html500';
    const page = await sqs(aws, 'ListQueues', {});
    assert.equal(page.status, 500);
    assert.match(page.body, /<html>/);
    next = { delayMs: 1 };
    assert.equal((await sqs(aws, 'ListQueues', {})).status, 200);
    assert.deepEqual(
      { ...calls.at(-1), at: 0 },
      {
        at: 0,
        service: 'sqs',
        action: 'ListQueues',
        principalArn: 'arn:aws:iam::000000000000:root',
        input: {},
        status: 200,
      },
    );
    next = 'hang';
    const hanging = sqs(aws, 'ListQueues', {}).then(
      () => 'answered',
      () => 'ended',
    );
    await new Promise((resolve) => setImmediate(resolve));
    await aws.close();
    assert.equal(await hanging, 'ended');
  });
});

test('close ends long polls, and takes no message along', async () => {
  await withAws({}, async (aws) => {
    const { QueueUrl } = JSON.parse((await sqs(aws, 'CreateQueue', { QueueName: 'q' })).body);
    const poll = sqs(aws, 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }).catch(() => ({ body: '{}' }));
    await sqs(aws, 'ListQueues', {});
    await aws.close();
    assert.equal((await poll).body, '{}');
  });
});

test('a client that hangs up during a poll leaves the message to others', async () => {
  await withAws({}, async (aws) => {
    const { QueueUrl } = JSON.parse((await sqs(aws, 'CreateQueue', { QueueName: 'q' })).body);
    const body = JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 });
    const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\n`;
    const socket = connect(aws.port, '127.0.0.1');
    socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    // A later call on another connection is answered only after the poll has begun to wait.
    for (let i = 0; i < 5; i++) await sqs(aws, 'ListQueues', {});
    socket.destroy();
    await new Promise((resolve) => socket.once('close', resolve));
    for (let i = 0; i < 5; i++) await sqs(aws, 'ListQueues', {});
    await sqs(aws, 'SendMessage', { QueueUrl, MessageBody: 'x' });
    const mine = JSON.parse((await sqs(aws, 'ReceiveMessage', { QueueUrl })).body);
    assert.equal(mine.Messages[0].Body, 'x');
  });
});

test('a client that hangs up while it sends is no problem', async () => {
  await withAws({}, async (aws, problems) => {
    const socket = connect(aws.port, '127.0.0.1');
    socket.write(
      'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AmazonSQS.ListQueues\r\nContent-Length: 100\r\n\r\n{',
    );
    for (let i = 0; i < 5; i++) await sqs(aws, 'ListQueues', {});
    socket.resetAndDestroy();
    for (let i = 0; i < 5; i++) await sqs(aws, 'ListQueues', {});
    assert.deepEqual(problems, []);
  });
});

test('a taken port says what to do', async () => {
  await withAws({}, async (aws) => {
    try {
      await startLocalAws({ port: aws.port });
      assert.fail();
    } catch (error) {
      assert.match((error as Error).message, /Port \d+ on 127\.0\.0\.1 is taken.*choose another port/);
    }
  });
});

test('extra services, their routes, their life, and their crashes', async () => {
  const events: string[] = [];
  const service = () => ({
    name: 'x',
    targetPrefix: 'X.',
    jsonVersion: '1.1' as const,
    queryCompatible: false,
    actions: ['Boom', 'Start'],
    signedActions: ['Start'],
    handle: () => {
      throw new TypeError('secret detail');
    },
    routes: (_req: unknown, res: import('node:http').ServerResponse, url: URL) => {
      if (url.pathname !== '/v4/me') return false;
      res.end('agent');
      return true;
    },
    start: () => void events.push('start'),
    close: () => void events.push('close'),
  });
  await withAws({ services: [service] }, async (aws, problems) => {
    assert.equal((await raw(aws.port, { method: 'GET', path: '/v4/me' })).body, 'agent');
    assert.equal((await raw(aws.port, { method: 'GET', path: '/v4/you' })).status, 404);
    const boom = await raw(aws.port, { headers: { 'x-amz-target': 'X.Boom' } });
    assert.equal(boom.status, 500);
    assert.equal(JSON.parse(boom.body).__type, 'InternalFailure');
    assert.doesNotMatch(boom.body, /secret/);
    assert.match(problems.join(), /x Boom failed unexpectedly.*secret detail/);
    const unsigned = await raw(aws.port, { headers: { 'x-amz-target': 'X.Start' } });
    assert.match(unsigned.body, /MissingAuthenticationToken/);
  });
  assert.deepEqual(events, ['start', 'close']);
});

test.run();
