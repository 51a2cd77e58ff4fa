import assert from 'node:assert/strict';
import { test } from 'uvu';
import { evaluate } from '../../../infra/local/iam.ts';
import { conditionsHold, type RequestKeys } from '../../../infra/local/iam-condition.ts';
import { PolicyError, parsePolicy } from '../../../infra/local/iam-parse.ts';
import { arnMatches, globMatches } from '../../../infra/local/iam-pattern.ts';
import { errorOf, harness, principal } from './support.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';
const NOW = Date.parse('2026-01-01T12:00:00Z');

function decide(statement: object, role = 'worker', action = 'sqs:ReceiveMessage', resourceArn = QUEUE): string {
  const kind = 'Principal' in statement || 'NotPrincipal' in statement ? 'resource' : 'identity';
  const statements = parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statement }), kind);
  return evaluate(statements, { principal: principal(role), action, resourceArn, now: NOW }).decision;
}

const deny = (more: object): object => ({ Effect: 'Deny', Principal: '*', Action: 'sqs:*', ...more });

test('wildcards', () => {
  assert.ok(globMatches('a*c', 'abbbc'));
  assert.ok(globMatches('*', ''));
  assert.ok(globMatches('a?c', 'abc'));
  assert.ok(!globMatches('a?c', 'ac'));
  assert.ok(globMatches('*.fifo', 'x.y.fifo'));
  assert.ok(!globMatches('a.c', 'abc'));
  assert.ok(!globMatches(`${'*a'.repeat(50)}b`, 'a'.repeat(5000)));
  assert.ok(arnMatches('arn:aws:sqs:*:*:q*', QUEUE));
  assert.ok(!arnMatches('arn:aws:*', QUEUE));
});

test('principals', () => {
  const role = 'arn:aws:iam::000000000000:role/worker';
  const session = 'arn:aws:sts::000000000000:assumed-role/worker/session';
  for (const AWS of ['*', role, session, '000000000000', 'arn:aws:iam::000000000000:root', ['111111111111', role]])
    assert.equal(decide(deny({ Principal: { AWS } })), 'deny', JSON.stringify(AWS));
  for (const AWS of ['arn:aws:iam::000000000000:role/other', '111111111111'])
    assert.equal(decide(deny({ Principal: { AWS } })), 'implicit', AWS);
  assert.equal(decide(deny({ Principal: { Service: 'events.amazonaws.com' } })), 'implicit');
  const { Principal: _p, ...anyone } = deny({}) as { Principal: string };
  assert.equal(decide({ ...anyone, NotPrincipal: { AWS: role } }), 'implicit');
  assert.equal(decide({ ...anyone, NotPrincipal: { AWS: 'arn:aws:iam::000000000000:role/other' } }), 'deny');
});

test('actions and resources', () => {
  for (const Action of ['sqs:*', 'SQS:receivemessage', '*', 'sqs:Rec*', ['sqs:SendMessage', 'sqs:ReceiveMessage']])
    assert.equal(decide(deny({ Action })), 'deny', JSON.stringify(Action));
  assert.equal(decide(deny({ Action: 'sqs:SendMessage' })), 'implicit');
  const { Action: _a, ...other } = deny({}) as { Action: string };
  assert.equal(decide({ ...other, NotAction: 'sqs:Send*' }), 'deny');
  assert.equal(decide({ ...other, NotAction: 'sqs:Rec*' }), 'implicit');
  assert.equal(decide(deny({ Resource: 'arn:aws:sqs:*:*:q' })), 'deny');
  assert.equal(decide(deny({ Resource: `${QUEUE}2` })), 'implicit');
  assert.equal(decide(deny({ NotResource: QUEUE })), 'implicit');
});

test('an explicit Deny wins; identity policies need no principal', () => {
  const allow = { Effect: 'Allow', Action: 'sqs:*', Resource: '*' };
  assert.equal(decide(allow), 'allow');
  const text = JSON.stringify({ Statement: [allow, { ...allow, Sid: 'No', Effect: 'Deny' }] });
  const request = { principal: principal(), action: 'sqs:SendMessage', resourceArn: QUEUE, now: NOW };
  const result = evaluate(parsePolicy(text, 'identity'), request);
  assert.equal(result.decision, 'deny');
  assert.equal(result.statement?.sid, 'No');
});

test('conditions: every operator, both ways', () => {
  const keys: RequestKeys = {
    'aws:CurrentTime': '2026-01-01T12:00:00Z',
    'aws:EpochTime': '1767268800',
    'aws:PrincipalArn': 'arn:aws:iam::000000000000:role/worker',
    'aws:SecureTransport': 'false',
    n: '5',
    list: ['a', 'b'],
  };
  const yes: [string, string, unknown][] = [
    ['DateLessThan', 'aws:CurrentTime', '2026-01-01T12:00:01Z'],
    ['DateLessThanEquals', 'aws:currenttime', '2026-01-01T12:00:00Z'],
    ['DateGreaterThan', 'aws:CurrentTime', '2026-01-01T11:00:00Z'],
    ['DateGreaterThanEquals', 'aws:EpochTime', '2026-01-01T12:00:00Z'],
    ['DateEquals', 'aws:CurrentTime', '1767268800'],
    ['DateNotEquals', 'aws:CurrentTime', '1767268801'],
    ['ArnEquals', 'aws:PrincipalArn', 'arn:aws:iam::000000000000:role/wor*'],
    ['ArnLike', 'aws:PrincipalArn', ['arn:aws:iam::1:role/x', 'arn:aws:iam::*:role/worker']],
    ['ArnNotEquals', 'aws:PrincipalArn', 'arn:aws:iam::000000000000:role/other'],
    ['ArnNotLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/o*'],
    ['StringEquals', 'n', '5'],
    ['StringNotEquals', 'n', '6'],
    ['StringLike', 'aws:PrincipalArn', '*/worker'],
    ['StringNotLike', 'aws:PrincipalArn', '*/other'],
    ['StringEqualsIgnoreCase', 'aws:SecureTransport', 'FALSE'],
    ['Bool', 'aws:SecureTransport', 'false'],
    ['Null', 'absent', 'true'],
    ['Null', 'n', 'false'],
    ['NumericEquals', 'n', '5.0'],
    ['NumericNotEquals', 'n', '6'],
    ['NumericLessThan', 'n', '6'],
    ['NumericLessThanEquals', 'n', '5'],
    ['NumericGreaterThan', 'n', '4'],
    ['NumericGreaterThanEquals', 'n', '5'],
    ['StringEqualsIfExists', 'absent', 'x'],
    ['StringNotEquals', 'absent', 'x'],
    ['ForAnyValue:StringEquals', 'list', 'b'],
    ['ForAllValues:StringEquals', 'list', ['a', 'b', 'c']],
    ['ForAllValues:StringEquals', 'absent', 'x'],
  ];
  for (const [operator, key, want] of yes)
    assert.ok(conditionsHold({ [operator]: { [key]: [want].flat() as string[] } }, keys), `${operator} ${key}`);
  const no: [string, string, unknown][] = [
    ['DateLessThan', 'aws:CurrentTime', '2026-01-01T12:00:00Z'],
    ['DateLessThan', 'aws:CurrentTime', 'not a date'],
    ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::000000000000:*x'],
    ['StringEquals', 'absent', 'x'],
    ['StringNotEquals', 'n', ['4', '5']],
    ['Null', 'n', 'true'],
    ['Bool', 'aws:SecureTransport', 'true'],
    ['ForAnyValue:StringEquals', 'absent', 'x'],
    ['ForAllValues:StringEquals', 'list', 'a'],
    ['ForAnyValue:StringNotEquals', 'list', ['a', 'b']],
    ['NoSuchOperator', 'n', '5'],
  ];
  for (const [operator, key, want] of no)
    assert.ok(!conditionsHold({ [operator]: { [key]: [want].flat() as string[] } }, keys), `${operator} ${key}`);
});

test('what is not a policy is refused', () => {
  const base = { Effect: 'Allow', Principal: '*', Action: 'sqs:*' };
  const bad: unknown[] = [
    [],
    {},
    { Statement: [5] },
    { Version: '2020', Statement: base },
    { Statement: { ...base, Effect: 'allow' } },
    { Statement: { ...base, Action: undefined } },
    { Statement: { ...base, Action: 'everything' } },
    { Statement: { ...base, NotAction: 'sqs:*' } },
    { Statement: { ...base, Principal: undefined } },
    { Statement: { ...base, Principal: { AWS: 'someone' } } },
    { Statement: { ...base, Principal: { Alien: '*' } } },
    { Statement: { ...base, Extra: 1 } },
    { Statement: { ...base, Condition: { Nope: { a: 'b' } } } },
    { Statement: { ...base, Condition: { constructor: { a: 'b' } } } },
    { Statement: { ...base, Condition: { Bool: 'x' } } },
    {
      Statement: [
        { ...base, Sid: 'a' },
        { ...base, Sid: 'a' },
      ],
    },
  ];
  for (const policy of bad) {
    try {
      parsePolicy(JSON.stringify(policy), 'resource');
    } catch (error) {
      assert.ok(error instanceof PolicyError);
      continue;
    }
    assert.fail(JSON.stringify(policy));
  }
});

test('a Deny that expires: SQS refuses one role until its time, in the words of AWS', async () => {
  const { call, clock, queue } = harness();
  const QueueUrl = await queue('q');
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Sid: 'Partition',
      Effect: 'Deny',
      Principal: '*',
      Action: ['sqs:ReceiveMessage', 'sqs:SendMessage', 'sqs:DeleteMessage'],
      Resource: QUEUE,
      Condition: {
        ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::000000000000:role/worker' },
        DateLessThan: { 'aws:CurrentTime': new Date(clock.now() + 60_000).toISOString() },
      },
    },
  });
  await call('SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
  const as = (role: string) => ({ principal: principal(role) });
  for (const action of ['ReceiveMessage', 'SendMessage', 'SendMessageBatch', 'DeleteMessageBatch']) {
    const error = await errorOf(call(action, { QueueUrl }, as('worker')));
    assert.equal(error.code, 'AccessDeniedException', action);
    assert.equal(error.queryCode, 'AccessDenied');
    assert.equal(error.status, 403);
    if (action === 'ReceiveMessage')
      assert.equal(
        error.message,
        `User: arn:aws:sts::000000000000:assumed-role/worker/session is not authorized to perform: sqs:receivemessage on resource: ${QUEUE} with an explicit deny in a resource-based policy`,
      );
  }
  assert.deepEqual(await call('ReceiveMessage', { QueueUrl }, as('other')), {});
  assert.ok(await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] }, as('worker')));
  clock.advance(60_000);
  assert.deepEqual(await call('ReceiveMessage', { QueueUrl }, as('worker')), {});
});

test.run();
