/** The middleware of the clients: what is counted, limited and repeated. */
import assert from 'node:assert/strict';
import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { DeleteMessageBatchCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import nock from 'nock';
import { suite } from 'uvu';
import { type ClientSettings, type Clients, createClients } from '../../../reconciler/aws/clients.ts';
import type { CallListener } from '../../../reconciler/aws/middleware.ts';
import { TokenBucket } from '../../../reconciler/aws/rate-limit.ts';
import { expectCall, failCall, offline, QUEUE_URL } from '../../support/aws.ts';

offline();
const test = suite('clients');

type Call = Parameters<CallListener>[0];

async function withClients(settings: ClientSettings, body: (aws: Clients, calls: Call[]) => Promise<void>) {
  const aws = createClients({ region: 'us-east-1', maxAttempts: 1, ...settings });
  const calls: Call[] = [];
  aws.onCall = (call) => void calls.push(call);
  try {
    await body(aws, calls);
  } finally {
    nock.cleanAll();
    aws.destroy();
  }
}

test('each call is counted once, under the action that IAM knows', () =>
  withClients({}, async (aws, calls) => {
    expectCall('sqs', 'DeleteMessageBatch', () => true, { Successful: [], Failed: [] });
    await aws.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: QUEUE_URL, Entries: [] }));
    failCall('ecs', 'UpdateService', 400, 'ServiceNotActiveException', 'gone');
    await assert.rejects(aws.ecs.send(new UpdateServiceCommand({ service: 's' })));
    assert.deepEqual(
      calls.map(({ action, error }) => [action, error]),
      [
        ['sqs:DeleteMessage', undefined],
        ['ecs:UpdateService', 'ServiceNotActiveException'],
      ],
    );
  }));

test('each attempt takes a token, a retry too', () => {
  const bucket = new TokenBucket(5, 0.001, () => 0);
  return withClients({ maxAttempts: 3, buckets: new Map([['sqs:GetQueueUrl', bucket]]) }, async (aws) => {
    nock('https://sqs.us-east-1.amazonaws.com').post('/').times(2).reply(503, {});
    expectCall('sqs', 'GetQueueUrl', () => true, { QueueUrl: QUEUE_URL });
    await aws.sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' }));
    const left = [1, 2, 3].filter(() => bucket.tryTake() === 0).length;
    assert.equal(left, 2);
  });
});

test('a call that waits for its token ends when the caller aborts', () => {
  const bucket = new TokenBucket(1, 0.001, () => 0);
  bucket.tryTake();
  return withClients({ maxAttempts: 3, buckets: new Map([['sqs:GetQueueUrl', bucket]]) }, async (aws, calls) => {
    const controller = new AbortController();
    const sent = aws.sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' }), { abortSignal: controller.signal });
    setImmediate(() => controller.abort());
    await assert.rejects(sent, { name: 'AbortError' });
    assert.deepEqual(
      calls.map(({ error }) => error),
      ['AbortError'],
    );
  });
});

test('credentials that have expired are looked up again, and the call is repeated once', () =>
  withClients({}, async (aws) => {
    const expired = { __type: 'ExpiredTokenException', message: 'expired' };
    const answer = (key: string, status: number, body: object) =>
      nock('https://sqs.us-east-1.amazonaws.com')
        .post('/')
        .matchHeader('authorization', new RegExp(`Credential=${key}/`))
        .reply(status, body);
    answer('AKIAOLD', 400, expired);
    answer('AKIANEW', 200, { QueueUrl: QUEUE_URL });
    process.env.AWS_ACCESS_KEY_ID = 'AKIAOLD';
    await aws.sqs.config.credentials();
    process.env.AWS_ACCESS_KEY_ID = 'AKIANEW';
    await aws.sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' }));
    for (let i = 0; i < 2; i++) answer('AKIANEW', 400, expired);
    await assert.rejects(aws.sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' })), { name: /ExpiredToken/ });
    assert.deepEqual(nock.pendingMocks(), []);
  }));

test.run();
