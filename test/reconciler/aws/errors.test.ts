/** Every row of the error table, through the real clients: its class, its log line, and that nothing is scaled in. */
import assert from 'node:assert/strict';
import nock from 'nock';
import { firstValueFrom } from 'rxjs';
import { test } from 'uvu';
import { decide } from '../../../policies/decide.ts';
import { diff } from '../../../policies/diff.ts';
import { emptyMemory } from '../../../policies/memory.ts';
import type { FailureClass } from '../../../policies/model/observation.ts';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { classify } from '../../../reconciler/aws/errors.ts';
import type { TickRecord } from '../../../reconciler/loop/tick.ts';
import { createLogger, DecisionLog } from '../../../reconciler/report/log.ts';
import {
  COUNTS,
  expectCall,
  failCall,
  impatient,
  offline,
  persistent,
  QUEUE_URL,
  SERVICE,
  type ServiceName,
  serviceOf,
  worldOf,
} from '../../support/aws.ts';
import { policyOf } from '../../support/policy.ts';

offline();

interface Row {
  name: string;
  /** Which of the two reads fails, and how. */
  service: 'sqs' | 'ecs';
  fail: (service: ServiceName, action: string) => void;
  class: FailureClass;
  code: string;
  says: RegExp;
}

const answers =
  (status: number, code: string, message: string, queryCode?: string): Row['fail'] =>
  (service, action) =>
    void failCall(service, action, status, code, message, queryCode);

const aws = (
  name: string,
  service: Row['service'],
  status: number,
  code: string,
  kind: FailureClass,
  says: RegExp,
  seenAs = code,
  queryCode?: string,
): Row => ({
  name: `${name} (${service})`,
  service,
  fail: answers(status, code, `message of ${code}`, queryCode),
  class: kind,
  code: seenAs,
  says,
});

const rows: Row[] = [
  aws('throttle', 'ecs', 400, 'ThrottlingException', 'transient', /throttles this account/),
  aws('throttle', 'sqs', 403, 'RequestThrottled', 'transient', /throttles this account/),
  aws('rate exceeded', 'ecs', 429, 'TooManyRequestsException', 'transient', /throttles/),
  aws('over limit', 'sqs', 400, 'OverLimit', 'transient', /throttles/),
  aws('server error', 'ecs', 500, 'ServerException', 'transient', /on the side of AWS \(HTTP 500\)/),
  aws('unavailable', 'sqs', 503, 'ServiceUnavailable', 'transient', /HTTP 503/),
  {
    name: 'a 502 page of HTML (ecs)',
    service: 'ecs',
    fail: (s, a) => void persistent(s, a).reply(502, '<html>Bad Gateway</html>', { 'content-type': 'text/html' }),
    class: 'transient',
    code: 'HTTP502',
    says: /on the side of AWS \(HTTP 502\)/,
  },
  {
    name: 'a 500 page of HTML (sqs)',
    service: 'sqs',
    fail: (s, a) => void persistent(s, a).reply(500, '<html>oops</html>', { 'content-type': 'text/html' }),
    class: 'transient',
    code: 'HTTP500',
    says: /HTTP 500/,
  },
  {
    name: 'connection reset (ecs)',
    service: 'ecs',
    fail: (s, a) =>
      void persistent(s, a).replyWithError(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })),
    class: 'transient',
    code: 'TimeoutError',
    says: /could not be reached|wait/,
  },
  {
    name: 'no such host (sqs)',
    service: 'sqs',
    fail: (s, a) =>
      void persistent(s, a).replyWithError(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })),
    class: 'transient',
    code: 'ENOTFOUND',
    says: /DNS, routes/,
  },
  {
    name: 'no answer (ecs)',
    service: 'ecs',
    fail: (s, a) => void persistent(s, a).delay(1_000).reply(200, {}),
    class: 'transient',
    code: 'TimeoutError',
    says: /could not be reached/,
  },
  aws(
    'access denied',
    'ecs',
    400,
    'AccessDeniedException',
    'needsUser',
    /ecs:DescribeServices is not allowed: .*grant ecs:DescribeServices/,
  ),
  aws(
    'access denied',
    'sqs',
    403,
    'AccessDeniedException',
    'needsUser',
    /sqs:GetQueueAttributes is not allowed/,
    'AccessDenied',
    'AccessDenied',
  ),
  aws('cluster not found', 'ecs', 400, 'ClusterNotFoundException', 'needsUser', /check spec\.service\.cluster/),
  aws('service not found', 'ecs', 400, 'ServiceNotFoundException', 'needsUser', /check spec\.service/),
  {
    name: 'service missing (ecs)',
    service: 'ecs',
    fail: (s, a) =>
      void persistent(s, a).reply(
        200,
        { services: [], failures: [{ arn: 'arn:aws:ecs:us-east-1:0:service/demo/jobs', reason: 'MISSING' }] },
        { 'content-type': 'application/x-amz-json-1.1' },
      ),
    class: 'needsUser',
    code: 'MISSING',
    says: /check spec\.service\.cluster/,
  },
  {
    name: 'service inactive (ecs)',
    service: 'ecs',
    fail: (s, a) =>
      void persistent(s, a).reply(
        200,
        { services: [{ ...SERVICE, status: 'INACTIVE' }] },
        { 'content-type': 'application/x-amz-json-1.1' },
      ),
    class: 'terminal',
    code: 'ServiceNotActiveException',
    says: /inactive/i,
  },
  aws('service not active', 'ecs', 400, 'ServiceNotActiveException', 'terminal', /nothing is done until/),
  aws(
    'queue gone',
    'sqs',
    400,
    'com.amazonaws.sqs#QueueDoesNotExist',
    'needsUser',
    /check spec\.queue/,
    'QueueDoesNotExist',
    'AWS.SimpleQueueService.NonExistentQueue',
  ),
  aws('invalid parameter', 'ecs', 400, 'InvalidParameterException', 'terminal', /refuses this request/),
  aws(
    'invalid attribute',
    'sqs',
    400,
    'InvalidAttributeName',
    'terminal',
    /refuses this request/,
    'InvalidAttributeName',
    'InvalidAttributeName',
  ),
  aws('client exception', 'ecs', 400, 'ClientException', 'terminal', /refuses/),
  aws('expired token', 'ecs', 400, 'ExpiredTokenException', 'needsUser', /credentials have expired/),
  aws(
    'expired token',
    'sqs',
    403,
    'ExpiredToken',
    'needsUser',
    /credentials have expired/,
    'ExpiredToken',
    'ExpiredToken',
  ),
  aws('bad signature', 'ecs', 400, 'InvalidSignatureException', 'needsUser', /check the credentials/),
  aws('unknown key', 'ecs', 400, 'UnrecognizedClientException', 'needsUser', /check the credentials/),
  aws(
    'unknown key',
    'sqs',
    403,
    'InvalidClientTokenId',
    'needsUser',
    /check the credentials/,
    'InvalidClientTokenId',
    'InvalidClientTokenId',
  ),
  aws('an error of no table', 'ecs', 400, 'SomethingNewException', 'terminal', /message of SomethingNew/),
];

const ACTIONS = { sqs: 'GetQueueAttributes', ecs: 'DescribeServices' } as const;

/** The log record of a tick, parsed. */
function logged(record: TickRecord): Record<string, unknown>[] {
  const lines: string[] = [];
  const log = createLogger('info', { write: (line: string) => void lines.push(line) });
  new DecisionLog(log).report({ event: record, view: { name: 'jobs', generation: 1 } });
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

for (const row of rows)
  test(row.name, async () => {
    const client = impatient();
    const other = row.service === 'sqs' ? 'ecs' : 'sqs';
    try {
      row.fail(row.service, ACTIONS[row.service]);
      persistent(other, ACTIONS[other]).reply(200, other === 'ecs' ? { services: [SERVICE] } : COUNTS, {
        'content-type': 'application/x-amz-json-1.1',
      });
      // Five workers and an empty queue: whatever may be concluded would be a scale-in.
      const policy = policyOf({ strategies: [{ type: 'backlogPerWorker', target: 5 }] }, { queue: { url: QUEUE_URL } });
      const seen = await firstValueFrom(worldOf(client).observe(policy));
      const reading = row.service === 'sqs' ? seen.queue : seen.service;
      assert.ok(!reading.ok, 'the read failed');
      assert.deepEqual([reading.failure.class, reading.failure.code], [row.class, row.code]);
      const { decision, memory } = decide(policy, seen, emptyMemory(), seen.at);
      assert.deepEqual(diff(decision, seen), []);
      const record: TickRecord = {
        kind: 'tick',
        decision,
        actions: [],
        results: [],
        memory: emptyMemory(),
        after: memory,
        took: 1,
      };
      const warning = logged(record).find((line) => line.msg === 'read failed');
      assert.ok(warning, 'it is logged');
      assert.equal(warning.level, 'warn');
      assert.match(`${warning.problem} ${warning.todo}`, row.says);
      assert.equal(warning.effect, 'Sluice keeps the workers that there are; it removes none');
    } finally {
      nock.abortPendingRequests();
      nock.cleanAll();
      client.destroy();
    }
  });

test('a write that fails is a result with what to do, and is logged as a warning', async () => {
  const client = impatient();
  failCall(
    'ecs',
    'UpdateService',
    400,
    'AccessDeniedException',
    'User x is not authorized to perform: ecs:UpdateService',
  );
  const result = await firstValueFrom(
    worldOf(client).act({ kind: 'UpdateService', desiredCount: 3, from: 2 }, policyOf()),
  );
  nock.cleanAll();
  assert.ok(result.outcome === 'failed', 'failed');
  assert.equal(result.code, 'AccessDeniedException');
  assert.match(`${result.message} ${result.hint}`, /ecs:UpdateService is not allowed.*grant ecs:UpdateService/);
});

test('transient errors are retried by the client: the third attempt is taken', async () => {
  const client = createClients({ region: 'us-east-1' });
  const host = nock('https://ecs.us-east-1.amazonaws.com');
  host.post('/').times(2).reply(503, { __type: 'ServiceUnavailable' });
  expectCall('ecs', 'DescribeServices', () => true, { services: [SERVICE] });
  expectCall('sqs', 'GetQueueAttributes', () => true, COUNTS);
  const seen = await firstValueFrom(worldOf(client).observe(policyOf({}, { queue: { url: QUEUE_URL } })));
  assert.equal(seen.service.ok, true);
  assert.deepEqual(nock.pendingMocks(), []);
});

test('expired credentials are tried once more with fresh ones', async () => {
  const client = impatient();
  nock('https://ecs.us-east-1.amazonaws.com')
    .post('/')
    .reply(400, { __type: 'ExpiredTokenException', message: 'expired' });
  expectCall('ecs', 'DescribeServices', () => true, { services: [SERVICE] });
  expectCall('sqs', 'GetQueueAttributes', () => true, COUNTS);
  const seen = await firstValueFrom(worldOf(client).observe(policyOf({}, { queue: { url: QUEUE_URL } })));
  assert.equal(seen.service.ok, true);
});

test('one service that may not be read does not blind the others of its batch', async () => {
  const client = impatient();
  const names = ['s0', 's1', 's2'];
  const asksFor = (wanted: string[]) => (body: { services: string[] }) => String(body.services) === String(wanted);
  const denied = { __type: 'AccessDeniedException', message: 'not authorized on s1' };
  for (const batch of [names, ['s1']]) expectCall('ecs', 'DescribeServices', asksFor(batch), denied, 400);
  for (const serviceName of ['s0', 's2'])
    expectCall('ecs', 'DescribeServices', asksFor([serviceName]), { services: [serviceOf(serviceName)] });
  persistent('sqs', 'GetQueueAttributes').reply(200, COUNTS);
  const world = worldOf(client);
  const seen = await Promise.all(
    names.map((name) =>
      firstValueFrom(world.observe(policyOf({}, { queue: { url: QUEUE_URL }, service: { cluster: 'demo', name } }))),
    ),
  );
  nock.cleanAll();
  assert.deepEqual(
    seen.map((s) => s.service.ok),
    [true, false, true],
  );
});

test('a counter that is missing or odd is an error, never zero', async () => {
  for (const Attributes of [
    {},
    { ...COUNTS.Attributes, ApproximateNumberOfMessages: 'many' },
    { ...COUNTS.Attributes, ApproximateNumberOfMessagesDelayed: '-1' },
  ]) {
    const client = impatient();
    persistent('sqs', 'GetQueueAttributes').reply(200, { Attributes });
    persistent('ecs', 'DescribeServices').reply(200, { services: [SERVICE] });
    const seen = await firstValueFrom(worldOf(client).observe(policyOf({}, { queue: { url: QUEUE_URL } })));
    nock.cleanAll();
    assert.equal(seen.queue.ok, false);
  }
});

for (const [what, message, problem, hint] of [
  [
    'another action than the one at hand',
    'User: u is not authorized to perform: sqs:GetQueueUrl on resource: arn:q because no identity-based policy allows it',
    /^sqs:GetQueueUrl is not allowed/,
    /^grant sqs:GetQueueUrl on arn:q to/,
  ],
  [
    'an action in the lower case of SQS',
    'User: u is not authorized to perform: sqs:getqueueattributes on resource: arn:q with an explicit deny in a policy',
    /^sqs:GetQueueAttributes is not allowed/,
    /^a Deny statement refuses sqs:GetQueueAttributes/,
  ],
] as const)
  test(`a refused call names ${what}`, () => {
    const failure = classify({ name: 'AccessDeniedException', message }, 'sqs:GetQueueAttributes');
    assert.equal(failure.class, 'needsUser');
    assert.match(failure.message, problem);
    assert.match(failure.hint ?? '', hint);
  });

test("a time limit is told in plain words, not in the SDK's", () => {
  const told = (message: string) =>
    classify(Object.assign(new Error(message), { name: 'TimeoutError' }), 'ecs:DescribeServices').message;
  const sdk = '@smithy/node-http-handler - [ERROR] a request has exceeded the configured 8000 ms requestTimeout.';
  assert.equal(told(sdk), 'ecs:DescribeServices: no answer within 8 s');
  assert.equal(told('socket hang up'), 'ecs:DescribeServices: socket hang up');
});

test('a key that cannot be used is told as such, with what to do', () => {
  for (const name of ['InvalidKeyId', 'DisabledException', 'KMSInvalidStateException']) {
    const error = Object.assign(new Error('arn:aws:kms:us-east-1:000000000000:key/1 is disabled'), { name });
    const failure = classify(error, 'ssm:GetParameter');
    assert.equal(failure.class, 'needsUser');
    assert.match(failure.hint ?? '', /KMS key/);
  }
});

test.run();
