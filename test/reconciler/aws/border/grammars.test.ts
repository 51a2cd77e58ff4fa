/**
 * Every field of every answer, damaged in every way that its type allows: the grammar refuses it by name, or it is a field that
 * Sluice does not use. Only where absence means something may a field be missing.
 */
import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { alarmStates, metricPoints } from '../../../../reconciler/aws/border/cloudwatch.ts';
import * as ecs from '../../../../reconciler/aws/border/ecs.ts';
import * as sqs from '../../../../reconciler/aws/border/sqs.ts';
import * as ssm from '../../../../reconciler/aws/border/ssm.ts';

const test = suite('grammars');

interface Grammar {
  call: string;
  good: unknown;
  parse: (output: unknown) => unknown;
  /** Fields whose absence means that the thing is absent, since another field came along. */
  mayMiss?: string[];
}

const HOME = 'us-east-1:000000000000';
const QUEUE_ARN = `arn:aws:sqs:${HOME}:jobs`;
const AT = new Date(1_700_000_000_000);
const TASK = `arn:aws:ecs:${HOME}:task/demo/a`;
const DEFINITION = `arn:aws:ecs:${HOME}:task-definition/jobs:1`;
const SERVICE = {
  serviceName: 'jobs',
  serviceArn: `arn:aws:ecs:${HOME}:service/demo/jobs`,
  status: 'ACTIVE',
  desiredCount: 5,
  runningCount: 4,
  pendingCount: 1,
  taskDefinition: DEFINITION,
  deployments: [
    { id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED', networkConfiguration: { some: 'thing' } },
  ],
  networkConfiguration: { awsvpcConfiguration: { subnets: ['s'], securityGroups: ['g'], assignPublicIp: 'ENABLED' } },
};
const PARAMETER = { Name: '/p/jobs', Value: 'text', Version: 3, Type: 'String', LastModifiedDate: AT };
const counts = {
  QueueArn: QUEUE_ARN,
  ApproximateNumberOfMessages: '7',
  ApproximateNumberOfMessagesNotVisible: '2',
  ApproximateNumberOfMessagesDelayed: '1',
};
const inService = (output: unknown) => ecs.serviceIn(output, 'demo', 'jobs');

const grammars: Record<string, Grammar> = {
  'the URL of a queue': {
    call: 'sqs:GetQueueUrl',
    good: { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/000000000000/jobs' },
    parse: (output) => sqs.queueUrlOf(output, 'jobs'),
  },
  'the counts of a queue': {
    call: 'sqs:GetQueueAttributes',
    good: { Attributes: counts },
    parse: (output) => sqs.queueCounts(output, 'jobs'),
  },
  'the policy of a queue': {
    call: 'sqs:GetQueueAttributes',
    good: { Attributes: { QueueArn: QUEUE_ARN, Policy: '{"Statement":[{"Sid":"theirs"}]}' } },
    parse: (output) => sqs.queuePolicy(output, 'jobs'),
    mayMiss: ['Attributes.Policy'],
  },
  'the dead-letter queue': {
    call: 'sqs:GetQueueAttributes',
    good: { Attributes: { QueueArn: QUEUE_ARN, RedrivePolicy: `{"deadLetterTargetArn":"${QUEUE_ARN}-dead"}` } },
    parse: (output) => sqs.deadLetterArn(output, 'jobs'),
    mayMiss: ['Attributes.RedrivePolicy'],
  },
  'change events': {
    call: 'sqs:ReceiveMessage',
    good: { Messages: [{ ReceiptHandle: 'r' }] },
    parse: sqs.receiptHandles,
    mayMiss: ['Messages'],
  },
  'the counts of a service': {
    call: 'ecs:DescribeServices',
    good: { services: [SERVICE], failures: [] },
    parse: (output) => ecs.serviceState(inService(output)),
    mayMiss: ['services[0].deployments[0].rolloutState'],
  },
  'the network of a service': {
    call: 'ecs:DescribeServices',
    good: { services: [SERVICE] },
    parse: (output) => ecs.networkOf(inService(output)),
  },
  'the task definition of a service': {
    call: 'ecs:DescribeServices',
    good: { services: [SERVICE] },
    parse: (output) => ecs.taskDefinitionOf(inService(output)),
  },
  'the role of the tasks': {
    call: 'ecs:DescribeTaskDefinition',
    good: { taskDefinition: { taskDefinitionArn: DEFINITION, taskRoleArn: 'arn:aws:iam::000000000000:role/workers' } },
    parse: (output) => ecs.roleOf(output, DEFINITION),
    mayMiss: ['taskDefinition.taskRoleArn'],
  },
  'a page of task ARNs': { call: 'ecs:ListTasks', good: { taskArns: [TASK] }, parse: ecs.taskArnsOn },
  tasks: {
    call: 'ecs:DescribeTasks',
    good: {
      tasks: [
        {
          taskArn: TASK,
          group: 'service:jobs',
          lastStatus: 'RUNNING',
          desiredStatus: 'RUNNING',
          createdAt: AT,
          startedAt: AT,
        },
      ],
      failures: [],
    },
    parse: (output) => ecs.tasksIn(output, [TASK]),
    mayMiss: ['tasks[0].createdAt', 'tasks[0].startedAt'],
  },
  'task protection': {
    call: 'ecs:GetTaskProtection',
    good: { protectedTasks: [{ taskArn: TASK, protectionEnabled: true }], failures: [] },
    parse: (output) => ecs.protectionIn(output, [TASK]),
    mayMiss: ['failures'],
  },
  'an updated service': {
    call: 'ecs:UpdateService',
    good: { service: SERVICE },
    parse: (output) => ecs.updatedService(output, 'jobs').get('desiredCount').exactly(5),
  },
  metrics: {
    call: 'cloudwatch:GetMetricData',
    good: { MetricDataResults: [{ Id: 'sent_0', StatusCode: 'Complete', Timestamps: [AT], Values: [12.5] }] },
    parse: (output) => metricPoints([output], ['sent_0']),
  },
  alarms: {
    call: 'cloudwatch:DescribeAlarms',
    good: { MetricAlarms: [{ AlarmName: 'a', StateValue: 'OK' }], CompositeAlarms: [] },
    parse: (output) => alarmStates(output, ['a']),
    // Beside the other list. An alarm that is missing is told as MISSING, and starts no experiment.
    mayMiss: ['MetricAlarms', 'CompositeAlarms'],
  },
  'a page of parameters': {
    call: 'ssm:GetParametersByPath',
    good: { Parameters: [PARAMETER] },
    parse: (output) => ssm.parametersOn(output, '/p/'),
  },
  'a parameter': {
    call: 'ssm:GetParameter',
    good: { Parameter: PARAMETER },
    parse: (output) => ssm.parameterOf(output, '/p/jobs', 3),
  },
  'past versions': {
    call: 'ssm:GetParameterHistory',
    good: { Parameters: [{ ...PARAMETER, LastModifiedUser: 'arn:aws:iam::000000000000:user/ann', Tier: 'Standard' }] },
    parse: (output) => ssm.pastVersionsOn(output, '/p/jobs'),
    mayMiss: ['Parameters[0].LastModifiedUser', 'Parameters[0].Tier'],
  },
  'the key of a SecureString': {
    call: 'ssm:DescribeParameters',
    good: { Parameters: [{ Name: '/p/jobs', Type: 'SecureString', KeyId: 'alias/own' }] },
    parse: (output) => ssm.keyOn([output], '/p/jobs'),
  },
  'a version written': { call: 'ssm:PutParameter', good: { Version: 3 }, parse: ssm.versionWritten },
};

const DROPPED = Symbol('dropped');

/** Returns values that are wrong for a field that holds `good`. */
function damages(good: unknown): unknown[] {
  const always = [DROPPED, null, '', true];
  if (good instanceof Date) return [...always, 0, 'yesterday', {}, new Date(Number.NaN), new Date(0), new Date(8e15)];
  if (Array.isArray(good)) return [...always, 0, 'x', {}, [null], [true]];
  if (typeof good === 'object') return [...always, 0, 'x', []];
  if (typeof good === 'number') return [...always, '10', [], {}, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e18];
  const asText = [...always, 0, [], {}];
  return /^\d+$/.test(String(good)) ? [...asText, ' ', '0x0', '+0', '-1', '1.5', '\n0', '1e3', '9'.repeat(20)] : asText;
}

/** Yields each place in a value, with a way to put something else there. */
function* places(value: unknown, path = ''): Generator<{ path: string; value: unknown }> {
  if (path !== '') yield { path, value };
  if (typeof value !== 'object' || value === null || value instanceof Date) return;
  const under = (key: string): string =>
    Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
  for (const [key, inner] of Object.entries(value)) yield* places(inner, under(key));
}

function damaged(good: unknown, path: string, by: unknown): unknown {
  const copy = structuredClone(good);
  const keys = path.split(/[.[\]]+/).filter(Boolean);
  const last = keys.pop() ?? '';
  let at = copy as Record<string, unknown>;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  if (by === DROPPED) delete at[last];
  else at[last] = by;
  return copy;
}

/** Returns the parsed value, or the error of the border. Any other error is a defect. */
function outcome({ call, parse }: Grammar, output: unknown): { value: unknown } | { refused: string } {
  try {
    return { value: parse(output) };
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.equal(error.name, 'IncompleteAnswer', String(error));
    assert.ok(error.message.startsWith(`${call}: `), error.message);
    return { refused: error.message };
  }
}

for (const [name, grammar] of Object.entries(grammars)) {
  test(`${name}: no damaged field is believed`, () => {
    const { good, mayMiss = [] } = grammar;
    const whole = outcome(grammar, good);
    assert.ok('value' in whole, JSON.stringify(whole));
    let refused = 0;
    for (const { path, value } of places(good))
      for (const by of damages(value)) {
        // An item left out of a list is another list, and JSON has no holes.
        if (by === DROPPED && path.endsWith(']')) continue;
        const result = outcome(grammar, damaged(good, path, by));
        if ('refused' in result) refused++;
        else if (!((by === DROPPED || by === null) && mayMiss.includes(path)))
          assert.deepEqual(result.value, whole.value, `${path} = ${String(by)}: ${JSON.stringify(result)}`);
      }
    assert.ok(refused > 5, `${refused} damages were refused`);
  });

  test(`${name}: no answer that is damaged as a whole is believed`, () => {
    const mayBeEmpty = name === 'change events';
    for (const output of [undefined, null, '', 0, true, [], ...(mayBeEmpty ? [] : [{}])])
      assert.ok('refused' in outcome(grammar, output), JSON.stringify(output));
  });
}

const refusal = (get: () => unknown): string => {
  try {
    return `no error, but ${JSON.stringify(get())}`;
  } catch (error) {
    return String(error);
  }
};

test('an error names the call, the field, what it is and what it should be', () => {
  const services = [{ ...SERVICE, desiredCount: '10' }];
  assert.equal(
    refusal(() => ecs.serviceState(inService({ services }))),
    'IncompleteAnswer: ecs:DescribeServices: services[0].desiredCount is "10", expected a whole number from 0 to 100000',
  );
});

test('a service is missing only when a failure says so', () => {
  const failures = [{ arn: `arn:aws:ecs:${HOME}:service/demo/jobs`, reason: 'MISSING' }];
  assert.equal(
    refusal(() => inService({ services: [], failures })),
    'MISSING: service jobs in cluster demo: MISSING',
  );
  assert.match(
    refusal(() => inService({ services: [], failures: [] })),
    /IncompleteAnswer.*or why it is not there/,
  );
});

test('an answer about another thing is none', () => {
  const other = [{ ...SERVICE, serviceArn: `arn:aws:ecs:${HOME}:service/prod/jobs` }];
  assert.match(
    refusal(() => inService({ services: other })),
    /expected service jobs in demo/,
  );
  assert.match(
    refusal(() => sqs.queueCounts({ Attributes: { ...counts, QueueArn: `${QUEUE_ARN}-2` } }, 'jobs')),
    /expected the ARN of jobs/,
  );
  assert.match(
    refusal(() => ssm.parameterOf({ Parameter: PARAMETER }, '/p/other')),
    /expected "\/p\/other"/,
  );
  assert.match(
    refusal(() => ssm.parameterOf({ Parameter: PARAMETER }, '/p/jobs', 2)),
    /expected version 2/,
  );
  assert.match(
    refusal(() => ssm.parametersOn({ Parameters: [PARAMETER] }, '/q/')),
    /expected a name directly below \/q\//,
  );
});

test('a network that only the deployments have is half an answer', () => {
  const { networkConfiguration: _, ...rest } = SERVICE;
  assert.match(
    refusal(() => ecs.networkOf(inService({ services: [rest] }))),
    /IncompleteAnswer/,
  );
  const deployments = [{ id: '1', status: 'PRIMARY' }];
  assert.equal(ecs.networkOf(inService({ services: [{ ...rest, deployments }] })), undefined);
});

test('metrics: each query is answered, and none is left half', () => {
  const half = { Id: 'a', StatusCode: 'PartialData', Timestamps: [AT], Values: [1] };
  const rest = { Id: 'a', StatusCode: 'Complete', Timestamps: [], Values: [] };
  const pages = (...results: object[]) => results.map((result) => ({ MetricDataResults: [result] }));
  assert.deepEqual(metricPoints(pages(half, rest), ['a']).get('a'), [{ at: AT.getTime(), value: 1 }]);
  assert.match(
    refusal(() => metricPoints(pages(half), ['a'])),
    /StatusCode is "PartialData", expected "Complete"/,
  );
  assert.match(
    refusal(() => metricPoints(pages(rest), ['a', 'b'])),
    /a result for b/,
  );
});

test.run();
