/** The exact calls of experiments: what is read for them, what is written, and what is left alone. */
import assert from 'node:assert/strict';
import nock from 'nock';
import { firstValueFrom } from 'rxjs';
import { test } from 'uvu';
import type { Action } from '../../../policies/model/action.ts';
import type { RequiredReadings } from '../../../policies/model/required-readings.ts';
import { type Clients, createClients } from '../../../reconciler/aws/clients.ts';
import { awsWorld } from '../../../reconciler/aws-world.ts';
import {
  COUNTS,
  expectCall,
  failCall,
  impatient,
  offline,
  QUEUE_ARN,
  QUEUE_URL,
  SERVICE,
  worldOf,
} from '../../support/aws.ts';
import { policyOf, T0 } from '../../support/policy.ts';

offline();

const POLICY = policyOf({}, { queue: { url: QUEUE_URL } });
const COUNTERS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'QueueArn',
];
const ROLE = 'arn:aws:iam::000000000000:role/workers';
const BY_RUN = { run: 'r1', purpose: 'inject' } as const;

/** A test whose calls must be exactly those that it expects. */
function calls(name: string, body: (aws: Clients) => Promise<void>): void {
  test(name, async () => {
    const aws = createClients({ region: 'us-east-1', maxAttempts: 1 });
    try {
      await body(aws);
      assert.deepEqual(nock.pendingMocks(), []);
    } finally {
      nock.cleanAll();
      aws.destroy();
    }
  });
}

async function look(aws: Clients, requiredReadings: RequiredReadings) {
  expectCall('sqs', 'GetQueueAttributes', { QueueUrl: QUEUE_URL, AttributeNames: COUNTERS }, COUNTS);
  expectCall('ecs', 'DescribeServices', { cluster: 'demo', services: ['jobs'] }, { services: [SERVICE] });
  const world = awsWorld(aws, { metricsInterval: 0, tasksInterval: 0, now: () => T0 });
  return (await firstValueFrom(world.observe(POLICY, requiredReadings))).chaos ?? {};
}

const act = (aws: Clients, action: Action) => firstValueFrom(worldOf(aws).act(action, POLICY));

calls('without experiments nothing more is read', async (aws) => {
  assert.deepEqual(await look(aws, {}), {});
});

calls("the queue's policy and its dead-letter queue", async (aws) => {
  const dead = 'arn:aws:sqs:us-east-1:000000000000:dead';
  expectCall(
    'sqs',
    'GetQueueAttributes',
    { QueueUrl: QUEUE_URL, AttributeNames: ['QueueArn', 'Policy'] },
    { Attributes: { QueueArn: QUEUE_ARN, Policy: '{"Statement":[{"Sid":"a"},{"Effect":"Allow"}]}' } },
  );
  expectCall(
    'sqs',
    'GetQueueAttributes',
    { QueueUrl: QUEUE_URL, AttributeNames: ['QueueArn', 'RedrivePolicy'] },
    {
      Attributes: {
        QueueArn: QUEUE_ARN,
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead, maxReceiveCount: 5 }),
      },
    },
  );
  const url = 'https://sqs.us-east-1.amazonaws.com/000000000000/dead';
  expectCall('sqs', 'GetQueueUrl', { QueueName: 'dead', QueueOwnerAWSAccountId: '000000000000' }, { QueueUrl: url });
  expectCall(
    'sqs',
    'GetQueueAttributes',
    { QueueUrl: url, AttributeNames: COUNTERS },
    { Attributes: { ...COUNTS.Attributes, QueueArn: dead, ApproximateNumberOfMessages: '3' } },
  );
  const { access, deadLetters } = await look(aws, { access: true, deadLetters: true });
  assert.deepEqual(access, { ok: true, at: T0, value: { arn: QUEUE_ARN, bytes: 46, statements: 2, sids: ['a', ''] } });
  assert.deepEqual(deadLetters, { ok: true, at: T0, value: 3 });
});

calls('role and network of the service, the flag, the alarms', async (aws) => {
  const taskDefinition = 'arn:aws:ecs:us-east-1:000000000000:task-definition/jobs:1';
  const service = {
    ...SERVICE,
    taskDefinition,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['s'], securityGroups: ['g'], assignPublicIp: 'ENABLED' } },
  };
  for (let i = 0; i < 2; i++)
    expectCall('ecs', 'DescribeServices', { cluster: 'demo', services: ['jobs'] }, { services: [service] });
  expectCall(
    'ecs',
    'DescribeTaskDefinition',
    { taskDefinition },
    { taskDefinition: { taskDefinitionArn: taskDefinition, taskRoleArn: ROLE } },
  );
  failCall('ssm', 'GetParameter', 400, 'ParameterNotFound', 'none');
  expectCall(
    'cloudwatch',
    'DescribeAlarms',
    { AlarmNames: ['page', 'gone'], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
    { MetricAlarms: [{ AlarmName: 'page', StateValue: 'ALARM' }] },
  );
  const chaos = await look(aws, { role: true, network: true, flag: '/f', alarms: ['page', 'gone'] });
  const value = (reading: { ok: boolean; value?: unknown } | undefined) => (reading?.ok ? reading.value : 'failed');
  assert.equal(value(chaos.role), ROLE);
  assert.deepEqual(value(chaos.network), { subnets: ['s'], securityGroups: ['g'], assignPublicIp: 'ENABLED' });
  assert.equal(chaos.flag?.ok && chaos.flag.value, undefined);
  assert.deepEqual(value(chaos.alarms), { page: 'ALARM', gone: 'MISSING' });
  nock.cleanAll();
});

calls('running tasks, one by one', async (aws) => {
  const [a, b] = ['a', 'b'].map((id) => `arn:aws:ecs:us-east-1:000000000000:task/demo/${id}`);
  expectCall('ecs', 'ListTasks', { cluster: 'demo', serviceName: 'jobs', maxResults: 100 }, { taskArns: [a, b] });
  const task = { group: 'service:jobs', desiredStatus: 'RUNNING', lastStatus: 'RUNNING', startedAt: 1_700_000_000 };
  expectCall(
    'ecs',
    'DescribeTasks',
    { cluster: 'demo', tasks: [a, b] },
    {
      tasks: [
        { ...task, taskArn: a },
        { ...task, taskArn: b, desiredStatus: 'STOPPED' },
      ],
    },
  );
  const { tasks } = await look(aws, { tasks: true });
  assert.deepEqual(tasks, { ok: true, at: T0, value: [{ arn: a, startedAt: 1_700_000_000_000 }] });
});

const THEIRS = '{ "Version":"2012-10-17", "Statement" : {"Sid":"theirs"} }';
const getPolicy = (Policy?: string, AttributeNames = ['QueueArn', 'Policy']) =>
  expectCall(
    'sqs',
    'GetQueueAttributes',
    { QueueUrl: QUEUE_URL, AttributeNames },
    { Attributes: { QueueArn: QUEUE_ARN, ...(Policy === undefined ? {} : { Policy }) } },
  );
const setPolicy = (Policy: string) =>
  expectCall('sqs', 'SetQueueAttributes', { QueueUrl: QUEUE_URL, Attributes: { Policy } }, {});

calls('deny: read, add one statement, write the policy alone', async (aws) => {
  getPolicy(THEIRS);
  setPolicy('{ "Version":"2012-10-17", "Statement" : [{"Sid":"theirs"},{"Sid":"X"}] }');
  const action = { kind: 'DenyQueue', sid: 'X', statement: '{"Sid":"X"}', ...BY_RUN } as const;
  assert.equal((await act(aws, action)).outcome, 'applied');
});

calls('deny again: nothing is written', async (aws) => {
  getPolicy('{"Statement":[{"Sid":"X"}]}');
  const action = { kind: 'DenyQueue', sid: 'X', statement: '{"Sid":"X"}', ...BY_RUN } as const;
  assert.equal((await act(aws, action)).outcome, 'applied');
});

calls(
  'allow: the last statement goes with the whole policy; an absent one is written over only when forced',
  async (aws) => {
    const allow = (force: boolean) => act(aws, { kind: 'AllowQueue', sid: 'X', force, run: 'r1', purpose: 'revert' });
    getPolicy('{"Version":"2012-10-17","Statement":[{"Sid":"X"}]}');
    setPolicy('');
    await allow(false);
    getPolicy(THEIRS);
    await allow(false);
    getPolicy(THEIRS);
    setPolicy(THEIRS);
    await allow(true);
  },
);

calls('deny on a queue without a policy: it is asked twice, in two ways', async (aws) => {
  getPolicy();
  getPolicy(undefined, ['All']);
  setPolicy('{"Version":"2012-10-17","Statement":[{"Sid":"X"}]}');
  const action = { kind: 'DenyQueue', sid: 'X', statement: '{"Sid":"X"}', ...BY_RUN } as const;
  assert.equal((await act(aws, action)).outcome, 'applied');
});

const describe = (network: object) =>
  expectCall(
    'ecs',
    'DescribeServices',
    { cluster: 'demo', services: ['jobs'] },
    { services: [{ ...SERVICE, networkConfiguration: { awsvpcConfiguration: network } }] },
  );
const NETWORK = { subnets: ['s'], securityGroups: ['sg-cut'], assignPublicIp: 'DISABLED' as const };
const SWAP = { kind: 'SwapSecurityGroups', network: NETWORK, from: ['g'], ...BY_RUN } as const;

calls('security groups: of the network as it is now, the groups alone are changed', async (aws) => {
  const now = { subnets: ['s', 'new'], securityGroups: ['g'], assignPublicIp: 'ENABLED' };
  describe(now);
  expectCall(
    'ecs',
    'UpdateService',
    {
      cluster: 'demo',
      service: 'jobs',
      networkConfiguration: { awsvpcConfiguration: { ...now, securityGroups: ['sg-cut'] } },
    },
    { service: SERVICE },
  );
  assert.equal((await act(aws, SWAP)).outcome, 'applied');
});

calls('security groups that somebody changed meanwhile are left alone', async (aws) => {
  describe({ ...NETWORK, securityGroups: ['theirs'] });
  const result = await act(aws, SWAP);
  assert.match(JSON.stringify(result), /"ChangedMeanwhile".*the security groups are theirs, no longer g/);
});

calls('a revert leaves the security groups that somebody else set', async (aws) => {
  describe({ ...NETWORK, securityGroups: ['theirs'] });
  assert.equal((await act(aws, { ...SWAP, purpose: 'revert' })).outcome, 'applied');
});

const FLAG = { Name: '/f', Value: 'go', Version: 1, LastModifiedDate: 1_700_000_000 };
const SET = { kind: 'SetFlag', parameter: '/f', value: 'v', ...BY_RUN } as const;

calls('flag: read, then written in the type that it has', async (aws) => {
  expectCall(
    'ssm',
    'GetParameter',
    { Name: '/f', WithDecryption: true },
    { Parameter: { ...FLAG, Type: 'StringList' } },
  );
  expectCall('ssm', 'PutParameter', { Name: '/f', Value: 'v', Type: 'StringList', Overwrite: true }, { Version: 2 });
  assert.equal((await act(aws, SET)).outcome, 'applied');
});

calls('flag: a revert leaves the value that somebody else wrote', async (aws) => {
  expectCall('ssm', 'GetParameter', () => true, { Parameter: { ...FLAG, Type: 'String' } });
  const revert = { ...SET, onlyIf: 'paused until then', purpose: 'revert' } as const;
  assert.equal((await act(aws, revert)).outcome, 'applied');
});

calls('flag: one that is not there is made; a SecureString is left alone', async (aws) => {
  expectCall('ssm', 'GetParameter', () => true, { __type: 'ParameterNotFound', message: 'none' }, 400);
  expectCall('ssm', 'PutParameter', { Name: '/f', Value: 'v', Type: 'String', Overwrite: true }, { Version: 1 });
  assert.equal((await act(aws, SET)).outcome, 'applied');
  expectCall('ssm', 'GetParameter', () => true, { Parameter: { ...FLAG, Type: 'SecureString' } });
  assert.match(JSON.stringify(await act(aws, SET)), /a flag must be a String/);
});

const DENY = { kind: 'DenyQueue', sid: 'X', statement: '{"Sid":"X"}', ...BY_RUN } as const;
const ALLOW = { kind: 'AllowQueue', sid: 'X', force: true, run: 'r1', purpose: 'revert' } as const;
for (const [reply, field] of [
  [{}, 'Attributes'],
  [{ Attributes: { Policy: THEIRS } }, 'Attributes.QueueArn'],
  [{ Attributes: { QueueArn: `${QUEUE_ARN}2`, Policy: THEIRS } }, 'Attributes.QueueArn'],
  [{ Attributes: { QueueArn: QUEUE_ARN, Policy: '' } }, 'Attributes.Policy'],
  [{ Attributes: { QueueArn: QUEUE_ARN, Policy: '[]' } }, 'Attributes.Policy'],
] as const)
  calls(`half a queue is never written over: ${JSON.stringify(reply)}`, async (aws) => {
    for (const action of [DENY, ALLOW]) {
      expectCall('sqs', 'GetQueueAttributes', () => true, reply);
      const result = await act(aws, action);
      assert.ok(result.outcome === 'failed');
      assert.equal(result.code, 'IncompleteAnswer');
      assert.ok(result.message.startsWith(`sqs:GetQueueAttributes: ${field} is `), result.message);
    }
  });

calls('half a network, or half a flag, is never written over', async (aws) => {
  for (const half of [{}, { ...NETWORK, assignPublicIp: undefined }, { ...NETWORK, subnets: [] }]) {
    describe(half);
    assert.match(JSON.stringify(await act(aws, SWAP)), /"IncompleteAnswer"/);
  }
  for (const half of [{}, { Parameter: { Name: '/f' } }, { Parameter: { ...FLAG, Name: '/g', Type: 'String' } }]) {
    expectCall('ssm', 'GetParameter', () => true, half);
    assert.match(JSON.stringify(await act(aws, SET)), /"IncompleteAnswer"/);
  }
});

test('what AWS refuses is a result that names the permission', async () => {
  const aws = impatient();
  getPolicy(THEIRS);
  failCall('sqs', 'SetQueueAttributes', 403, 'AccessDenied', 'User is not authorized');
  const result = await act(aws, { kind: 'DenyQueue', sid: 'X', statement: '{}', ...BY_RUN });
  nock.cleanAll();
  aws.destroy();
  assert.equal(result.outcome, 'failed');
  assert.match(JSON.stringify(result), /sqs:SetQueueAttributes/);
});

test.run();
