/** The exact body of every AWS call that the reconciler makes. */
import assert from 'node:assert/strict';
import nock from 'nock';
import { firstValueFrom, take, toArray } from 'rxjs';
import { test } from 'uvu';
import { type Clients, createClients } from '../../../reconciler/aws/clients.ts';
import { ParameterStore } from '../../../reconciler/aws/parameters.ts';
import { awsWorld } from '../../../reconciler/aws-world.ts';
import { PolicyStore } from '../../../reconciler/cli/policy-store.ts';
import { StatusWriter } from '../../../reconciler/report/status.ts';
import { watchPolicies } from '../../../reconciler/watch/policies.ts';
import { COUNTS, expectCall, offline, QUEUE_ARN, QUEUE_URL, SERVICE, serviceOf, worldOf } from '../../support/aws.ts';
import { EXAMPLE } from '../../support/documents.ts';
import { policyOf, T0 } from '../../support/policy.ts';

offline();
const ATTRIBUTES = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'QueueArn',
];

/** A parameter as SSM tells it. */
const STORED = { Name: '/sluice/policies/a', Type: 'String', Version: 1, LastModifiedDate: 1_700_000_000 };

/** A test that fails when a call it expects is not made. Checked here and not in a hook: uvu exits 0 when a hook throws. */
function calls(name: string, run: (aws: Clients) => Promise<void>): void {
  test(name, async () => {
    const aws = createClients({ region: 'us-east-1', maxAttempts: 1 });
    try {
      await run(aws);
      assert.deepEqual(nock.pendingMocks(), [], 'every expected call was made');
    } finally {
      nock.cleanAll();
      aws.destroy();
    }
  });
}

calls('observe: GetQueueUrl once, GetQueueAttributes with the three counters, DescribeServices', async (aws) => {
  expectCall('sqs', 'GetQueueUrl', { QueueName: 'jobs' }, { QueueUrl: QUEUE_URL });
  const world = worldOf(aws, () => T0);
  for (let tick = 0; tick < 2; tick++) {
    expectCall(
      'sqs',
      'GetQueueAttributes',
      { QueueUrl: QUEUE_URL, AttributeNames: ATTRIBUTES },
      {
        Attributes: {
          QueueArn: QUEUE_ARN,
          ApproximateNumberOfMessages: '7',
          ApproximateNumberOfMessagesNotVisible: '2',
          ApproximateNumberOfMessagesDelayed: '1',
        },
      },
    );
    expectCall('ecs', 'DescribeServices', { cluster: 'demo', services: ['jobs'] }, { services: [SERVICE] });
    const seen = await firstValueFrom(world.observe(policyOf()));
    assert.deepEqual(seen.queue, { ok: true, at: T0, value: { visible: 7, inFlight: 2, delayed: 1 } });
    assert.deepEqual(seen.service, {
      ok: true,
      at: T0,
      value: { desired: 5, running: 5, pending: 0, status: 'ACTIVE', deploying: false, deployment: 'ecs-svc/1' },
    });
  }
});

calls('observe: a queue by ARN names its owner', async (aws) => {
  expectCall(
    'sqs',
    'GetQueueUrl',
    { QueueName: 'jobs', QueueOwnerAWSAccountId: '123456789012' },
    { QueueUrl: QUEUE_URL },
  );
  const attributes = { ...COUNTS.Attributes, QueueArn: 'arn:aws:sqs:us-east-1:123456789012:jobs' };
  expectCall(
    'sqs',
    'GetQueueAttributes',
    { QueueUrl: QUEUE_URL, AttributeNames: ATTRIBUTES },
    { Attributes: attributes },
  );
  expectCall('ecs', 'DescribeServices', { cluster: 'demo', services: ['jobs'] }, { services: [SERVICE] });
  const seen = await firstValueFrom(
    worldOf(aws).observe(policyOf({}, { queue: { arn: 'arn:aws:sqs:us-east-1:123456789012:jobs' } })),
  );
  assert.equal(seen.queue.ok, true);
});

calls('observe: twelve services of a cluster take two DescribeServices, ten and two', async (aws) => {
  const names = Array.from({ length: 12 }, (_, i) => `s${i}`);
  const answer = (some: string[]) => ({ services: some.map(serviceOf) });
  for (const some of [names.slice(0, 10), names.slice(10)])
    expectCall('ecs', 'DescribeServices', { cluster: 'demo', services: some }, answer(some));
  for (let i = 0; i < 12; i++)
    expectCall('sqs', 'GetQueueAttributes', { QueueUrl: QUEUE_URL, AttributeNames: ATTRIBUTES }, COUNTS);
  const world = worldOf(aws);
  const seen = await Promise.all(
    names.map((name) =>
      firstValueFrom(world.observe(policyOf({}, { queue: { url: QUEUE_URL }, service: { cluster: 'demo', name } }))),
    ),
  );
  assert.equal(seen.filter((s) => s.service.ok).length, 12);
});

calls('observe: age and rates in one GetMetricData, once a minute', async (aws) => {
  let now = T0;
  const world = awsWorld(aws, { metricsInterval: 60_000, tasksInterval: 0, now: () => now });
  const policy = policyOf({}, { queue: { url: QUEUE_URL } });
  const answer = (): void => {
    expectCall(
      'sqs',
      'GetQueueAttributes',
      { QueueUrl: QUEUE_URL, AttributeNames: ATTRIBUTES },
      { Attributes: { ...COUNTS.Attributes, ApproximateNumberOfMessages: '9' } },
    );
    expectCall('ecs', 'DescribeServices', { cluster: 'demo', services: ['jobs'] }, { services: [SERVICE] });
  };
  const query = (Id: string, MetricName: string, Stat: string) => ({
    Id,
    MetricStat: {
      Metric: { Namespace: 'AWS/SQS', MetricName, Dimensions: [{ Name: 'QueueName', Value: 'jobs' }] },
      Period: 60,
      Stat,
    },
    ReturnData: true,
  });
  const minute = (T0 - 120_000) / 1_000;
  expectCall(
    'cloudwatch',
    'GetMetricData',
    {
      StartTime: T0 / 1_000 - 600,
      EndTime: T0 / 1_000,
      ScanBy: 'TimestampDescending',
      MetricDataQueries: [
        query('age_0', 'ApproximateAgeOfOldestMessage', 'Maximum'),
        query('sent_1', 'NumberOfMessagesSent', 'Sum'),
        query('received_2', 'NumberOfMessagesReceived', 'Sum'),
        query('deleted_3', 'NumberOfMessagesDeleted', 'Sum'),
      ],
    },
    {
      MetricDataResults: [
        { Id: 'age_0', StatusCode: 'Complete', Timestamps: [minute], Values: [30] },
        { Id: 'sent_1', StatusCode: 'Complete', Timestamps: [minute, minute - 60], Values: [120, 5] },
        ...['received_2', 'deleted_3'].map((Id) => ({ Id, StatusCode: 'Complete', Timestamps: [], Values: [] })),
      ],
    },
  );
  answer();
  const first = await firstValueFrom(world.observe(policy));
  // The point is for the minute that ended 60 s ago; since then the clock has added 60 s.
  assert.deepEqual(first.age, { ok: true, at: T0, value: { seconds: 90, estimated: true } });
  const covers = { until: T0 - 60_000, period: 60 };
  assert.deepEqual(first.rates, { ok: true, at: T0, value: { sent: 2, received: 0, deleted: 0, ...covers } });
  now += 59_000;
  answer();
  const second = await firstValueFrom(world.observe(policy));
  assert.deepEqual(second.age, { ok: true, at: T0, value: { seconds: 149, estimated: true } });
});

calls('observe: tasks of one service, then described; counted with their start-up time', async (aws) => {
  const arns = ['arn:aws:ecs:us-east-1:000000000000:task/demo/a', 'arn:aws:ecs:us-east-1:000000000000:task/demo/b'];
  expectCall('sqs', 'GetQueueAttributes', { QueueUrl: QUEUE_URL, AttributeNames: ATTRIBUTES }, COUNTS);
  expectCall('ecs', 'DescribeServices', { cluster: 'demo', services: ['jobs'] }, { services: [SERVICE] });
  expectCall(
    'ecs',
    'ListTasks',
    { cluster: 'demo', serviceName: 'jobs', maxResults: 100 },
    { taskArns: [arns[0]], nextToken: 'n' },
  );
  expectCall(
    'ecs',
    'ListTasks',
    { cluster: 'demo', serviceName: 'jobs', maxResults: 100, nextToken: 'n' },
    { taskArns: [arns[1]] },
  );
  const task = { group: 'service:jobs', createdAt: 1_700_000_000, desiredStatus: 'RUNNING' };
  expectCall(
    'ecs',
    'DescribeTasks',
    { cluster: 'demo', tasks: arns },
    {
      tasks: [
        { ...task, taskArn: arns[0], lastStatus: 'RUNNING', startedAt: 1_700_000_042 },
        { ...task, taskArn: arns[1], lastStatus: 'PENDING' },
      ],
    },
  );
  const world = awsWorld(aws, { metricsInterval: 0, tasksInterval: 30_000, now: () => T0 });
  const seen = await firstValueFrom(world.observe(policyOf({}, { queue: { url: QUEUE_URL } })));
  assert.deepEqual(seen.tasks, { ok: true, at: T0, value: { running: 1, starting: 1, startUpSeconds: 42 } });
});

calls('observe: GetTaskProtection of the running tasks, while messages are in flight', async (aws) => {
  const arn = (id: string): string => `arn:aws:ecs:us-east-1:000000000000:task/demo/${id}`;
  const task = { group: 'service:jobs', desiredStatus: 'RUNNING', createdAt: 1_700_000_000 };
  const tasks = [
    { ...task, taskArn: arn('a'), lastStatus: 'RUNNING', startedAt: 1_700_000_042 },
    { ...task, taskArn: arn('b'), lastStatus: 'PENDING' },
  ];
  let now = T0;
  const world = awsWorld(aws, { metricsInterval: 0, tasksInterval: 30_000, now: () => now });
  const policy = policyOf({ strategies: [{ type: 'targetWait' }] }, { queue: { url: QUEUE_URL } });
  const busy = { Attributes: { ...COUNTS.Attributes, ApproximateNumberOfMessagesNotVisible: '2' } };
  // At the first look no task is known yet.
  for (const asks of [false, true]) {
    expectCall('sqs', 'GetQueueAttributes', { QueueUrl: QUEUE_URL, AttributeNames: ATTRIBUTES }, busy);
    expectCall('ecs', 'DescribeServices', { cluster: 'demo', services: ['jobs'] }, { services: [SERVICE] });
    if (!asks) {
      const listed = { cluster: 'demo', serviceName: 'jobs', maxResults: 100 };
      expectCall('ecs', 'ListTasks', listed, { taskArns: [arn('a'), arn('b')] });
      expectCall('ecs', 'DescribeTasks', { cluster: 'demo', tasks: [arn('a'), arn('b')] }, { tasks });
    } else
      expectCall(
        'ecs',
        'GetTaskProtection',
        { cluster: 'demo', tasks: [arn('a')] },
        { protectedTasks: [{ taskArn: arn('a'), protectionEnabled: true }], failures: [] },
      );
    const seen = await firstValueFrom(world.observe(policy));
    const reading = asks ? { ok: true, at: now, value: { tasks: 1, protected: 1 } } : undefined;
    assert.deepEqual(seen.protection, reading);
    now += 10_000;
  }
});

calls('act: UpdateService with the count alone', async (aws) => {
  expectCall(
    'ecs',
    'UpdateService',
    { cluster: 'demo', service: 'jobs', desiredCount: 3 },
    { service: { ...SERVICE, desiredCount: 3 } },
  );
  const action = { kind: 'UpdateService', desiredCount: 3, from: 2 } as const;
  assert.deepEqual(await firstValueFrom(worldOf(aws).act(action, policyOf())), { action, outcome: 'applied' });
});

calls('act: StopTask with its reason, at most 255 characters', async (aws) => {
  const taskArn = 'arn:aws:ecs:us-east-1:000000000000:task/demo/a';
  expectCall('ecs', 'StopTask', { cluster: 'demo', task: taskArn, reason: 'r'.repeat(255) }, { task: {} });
  const result = await firstValueFrom(
    worldOf(aws).act({ kind: 'StopTask', taskArn, reason: 'r'.repeat(300), run: 'r1', purpose: 'inject' }, policyOf()),
  );
  assert.equal(result.outcome, 'applied');
});

calls('watch: GetParametersByPath, page by page', async (aws) => {
  const page = { Path: '/sluice/policies', Recursive: false, WithDecryption: true, MaxResults: 10 };
  const parameter = {
    Name: '/sluice/policies/taskiq-workers',
    Value: EXAMPLE,
    Type: 'String',
    Version: 4,
    LastModifiedDate: 1_700_000_000,
  };
  expectCall('ssm', 'GetParametersByPath', page, { Parameters: [parameter], NextToken: 'n' });
  expectCall(
    'ssm',
    'GetParametersByPath',
    { ...page, NextToken: 'n' },
    { Parameters: [{ ...parameter, Name: '/sluice/policies/other', Value: 'x: 1' }] },
  );
  const watch$ = watchPolicies({
    policies: new ParameterStore(aws, '/sluice/policies/'),
    pollInterval: 60_000,
    lastGood: async () => 0,
  });
  const events = await firstValueFrom(watch$.pipe(take(4), toArray()));
  assert.deepEqual(
    events.map((e) => (e.kind === 'change' ? `${e.change.kind} ${e.change.name}` : e.kind)),
    ['applied taskiq-workers', 'refused other', 'claimed taskiq-workers', 'polled'],
  );
});

calls('watch: after a restart onto a bad version, the last good one is read back by its number', async (aws) => {
  const parameter = {
    Name: '/sluice/policies/taskiq-workers',
    Value: 'broken',
    Type: 'String',
    Version: 7,
    LastModifiedDate: 1_700_000_000,
  };
  expectCall('ssm', 'GetParametersByPath', () => true, { Parameters: [parameter] });
  expectCall(
    'ssm',
    'GetParameter',
    { Name: '/sluice/policies/taskiq-workers:6', WithDecryption: true },
    { Parameter: { ...parameter, Value: EXAMPLE, Version: 6 } },
  );
  const watch$ = watchPolicies({
    policies: new ParameterStore(aws, '/sluice/policies/'),
    pollInterval: 60_000,
    lastGood: async () => 6,
  });
  const [first, second] = await firstValueFrom(watch$.pipe(take(2), toArray()));
  assert.ok(first?.kind === 'change' && first.change.kind === 'applied', 'the good version is in force');
  assert.equal(first.change.policy.metadata.generation, 6);
  assert.ok(second?.kind === 'change' && second.change.kind === 'refused', 'the bad one is refused');
  assert.equal(second.change.inForce, 6);
});

calls('status: GetParameter, then PutParameter with Overwrite', async (aws) => {
  expectCall(
    'ssm',
    'GetParameter',
    { Name: '/sluice/status/jobs', WithDecryption: true },
    { Parameter: { ...STORED, Name: '/sluice/status/jobs', Value: 'null' } },
  );
  let value = '';
  expectCall(
    'ssm',
    'PutParameter',
    (body: Record<string, unknown>) => {
      const { Value, ...rest } = body;
      value = String(Value);
      assert.deepEqual(rest, { Name: '/sluice/status/jobs', Type: 'String', Overwrite: true });
      return true;
    },
    { Version: 1 },
  );
  const writer = new StatusWriter({
    statuses: new ParameterStore(aws, '/sluice/status/'),
    interval: 1_000,
    onProblem: assert.fail,
  });
  await writer.read('jobs');
  writer.update({ name: 'jobs', generation: 3 });
  await writer.flush(10_000);
  assert.equal((JSON.parse(value) as { observedGeneration: number }).observedGeneration, 3);
});

calls('policy commands: get, history, put', async (aws) => {
  const store = new PolicyStore(aws, '/sluice/policies/');
  expectCall(
    'ssm',
    'GetParameter',
    { Name: '/sluice/policies/a:2', WithDecryption: true },
    { Parameter: { ...STORED, Version: 2, Value: 'x' } },
  );
  assert.deepEqual(await store.get('a', 2), { name: 'a', version: 2, text: 'x', type: 'String', modified: T0 });
  expectCall(
    'ssm',
    'GetParameterHistory',
    { Name: '/sluice/policies/a', WithDecryption: true, MaxResults: 50 },
    {
      Parameters: [
        { ...STORED, Version: 1, Value: 'w' },
        { ...STORED, Version: 2, Value: 'x' },
      ],
    },
  );
  assert.deepEqual(
    (await store.history('a')).map((e) => e.version),
    [2, 1],
  );
  expectCall(
    'ssm',
    'PutParameter',
    { Name: '/sluice/policies/a', Value: 'y', Type: 'String', Overwrite: true },
    { Version: 3 },
  );
  assert.equal(await store.put('a', 'y', { base: { type: 'String' } }), 3);
  await assert.rejects(
    store.put('a', 'z'.repeat(5_000), { base: { type: 'String' } }),
    /5000 bytes; a standard parameter holds 4096/,
  );
});

calls('a listing that one parameter spoils is read one by one, and names that one alone', async (aws) => {
  const path = { Path: '/sluice/policies', Recursive: false, MaxResults: 10 };
  const refusal = { __type: 'AccessDeniedException', message: 'not authorized to perform: kms:Decrypt' };
  const sealed = { ...STORED, Name: '/sluice/policies/b', Type: 'SecureString', Value: 'AQIC' };
  expectCall('ssm', 'GetParametersByPath', { ...path, WithDecryption: true }, refusal, 400);
  expectCall(
    'ssm',
    'GetParametersByPath',
    { ...path, WithDecryption: false },
    { Parameters: [{ ...STORED, Value: 'x' }, sealed] },
  );
  expectCall('ssm', 'GetParameter', { Name: sealed.Name, WithDecryption: true }, refusal, 400);
  const { parameters, unreadable } = await new ParameterStore(aws, '/sluice/policies/').list();
  assert.deepEqual(
    parameters.map(({ name, text }) => [name, text]),
    [['a', 'x']],
  );
  assert.deepEqual(
    unreadable.map(({ name, failure }) => [name, failure.code, failure.class]),
    [['b', 'AccessDeniedException', 'needsUser']],
  );
});

test.run();
