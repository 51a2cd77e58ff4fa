import assert from 'node:assert/strict';
import { test } from 'uvu';
import { codeOf, errorOf } from '../support.ts';
import { ecsHarness, STARTED_MS } from './harness.ts';

async function runOne(container = {}, more = {}, options = {}) {
  const h = await ecsHarness(options);
  const taskDefinition = await h.define('job', container, more);
  const reply = await h.call('RunTask', { cluster: 'c', taskDefinition });
  const arn = reply.tasks[0].taskArn as string;
  const look = async () => (await h.call('DescribeTasks', { cluster: 'c', tasks: [arn] })).tasks[0];
  return { ...h, arn, look, first: reply.tasks[0] };
}

test('a task passes through the states that AWS documents, at their times', async () => {
  const { clock, ecs, look, first, processes, call, arn } = await runOne();
  const seen: string[] = [];
  ecs.onTaskStateChange((task) => seen.push(task.lastStatus));
  const t0 = clock.now() / 1000;
  assert.equal(first.lastStatus, 'PROVISIONING');
  assert.equal(first.createdAt, t0);
  clock.advance(1_499);
  assert.equal((await look()).lastStatus, 'PENDING');
  assert.equal(processes.length, 0, 'no process during the start-up time');
  clock.advance(1);
  const running = await look();
  assert.equal(running.lastStatus, 'RUNNING');
  assert.equal(running.pullStartedAt, t0 + 0.6);
  assert.equal(running.startedAt, t0 + 1.5);
  assert.equal(ecs.pidOf(arn), 1000);
  await call('StopTask', { cluster: 'c', task: arn, reason: 'enough' });
  assert.deepEqual(processes[0]?.signals, ['SIGTERM']);
  clock.advance(200);
  const stopped = await look();
  assert.equal(stopped.lastStatus, 'STOPPED');
  assert.equal(stopped.desiredStatus, 'STOPPED');
  assert.equal(stopped.stopCode, 'UserInitiated');
  assert.equal(stopped.stoppedReason, 'enough');
  assert.equal(stopped.containers[0].exitCode, 0);
  assert.equal(stopped.stoppedAt, t0 + 1.7);
  assert.equal(stopped.executionStoppedAt, t0 + 1.5);
  assert.equal(ecs.pidOf(arn), undefined);
  assert.deepEqual(seen, ['PENDING', 'RUNNING', 'DEACTIVATING', 'STOPPING', 'DEPROVISIONING', 'STOPPED']);
});

test('SIGKILL comes after stopTimeout, and shows as 137', async () => {
  const { clock, call, arn, look, processes } = await runOne({ command: ['stubborn'], stopTimeout: 7 });
  clock.advance(STARTED_MS);
  await call('StopTask', { cluster: 'c', task: arn });
  clock.advance(6_999);
  assert.deepEqual(processes[0]?.signals, ['SIGTERM']);
  assert.equal((await look()).lastStatus, 'STOPPING');
  clock.advance(1);
  assert.deepEqual(processes[0]?.signals, ['SIGTERM', 'SIGKILL']);
  clock.advance(200);
  assert.equal((await look()).containers[0].exitCode, 137);
  assert.equal((await look()).stoppedReason, 'Task stopped by user');
});

test('the stop timeout is 30 s by default, and can be scaled', async () => {
  for (const [scale, ms] of [
    [1, 30_000],
    [0.1, 3_000],
  ] as const) {
    const { clock, call, arn, live } = await runOne({ command: ['stubborn'] }, {}, { stopTimeoutScale: scale });
    clock.advance(STARTED_MS);
    await call('StopTask', { cluster: 'c', task: arn });
    clock.advance(ms - 1);
    assert.equal(live().length, 1);
    clock.advance(1);
    assert.equal(live().length, 0);
  }
});

test('a process that ends by itself ends its task, with its exit code', async () => {
  for (const [exit, code] of [
    [{ code: 3 }, 3],
    [{ code: 0 }, 0],
    [{ signal: 'SIGSEGV' as const }, 139],
  ] as const) {
    const { clock, look, processes } = await runOne();
    clock.advance(STARTED_MS);
    processes[0]?.exit(exit);
    clock.advance(200);
    const task = await look();
    assert.equal(task.lastStatus, 'STOPPED');
    assert.equal(task.stopCode, 'EssentialContainerExited');
    assert.equal(task.stoppedReason, 'Essential container in task exited');
    assert.equal(task.containers[0].exitCode, code);
  }
});

test('a command that cannot be started fails the task in the words of AWS', async () => {
  const { clock, look, processes } = await runOne({ command: ['missing'] });
  clock.advance(STARTED_MS);
  const task = await look();
  assert.equal(task.lastStatus, 'STOPPED');
  assert.equal(task.stopCode, 'TaskFailedToStart');
  assert.match(task.stoppedReason, /^CannotStartContainerError: exec: "missing"/);
  assert.match(task.containers[0].reason, /^CannotStartContainerError/);
  assert.equal(task.containers[0].exitCode, undefined);
  assert.equal(task.startedAt, undefined);
  assert.equal(processes.length, 0);
  const empty = await runOne({ command: undefined });
  empty.clock.advance(STARTED_MS);
  assert.match((await empty.look()).stoppedReason, /no command specified/);
});

test('a task that is stopped before it runs never has a process', async () => {
  const { clock, call, arn, look, processes } = await runOne();
  clock.advance(700);
  await call('StopTask', { cluster: 'c', task: arn, reason: 'early' });
  clock.advance(60_000);
  assert.equal((await look()).lastStatus, 'STOPPED');
  assert.equal(processes.length, 0);
});

test('several containers: an essential one takes the others with it, another does not', async () => {
  const h = await ecsHarness();
  const containerDefinitions = [
    { name: 'main', image: 'x', command: ['work'] },
    { name: 'side', image: 'x', command: ['stubborn'], essential: false, stopTimeout: 5 },
    { name: 'init', image: 'x', command: ['work'], essential: false },
  ];
  await h.call('RegisterTaskDefinition', { family: 'many', containerDefinitions });
  await h.call('RunTask', { cluster: 'c', taskDefinition: 'many' });
  h.clock.advance(STARTED_MS);
  assert.equal(h.live().length, 3);
  h.processes[2]?.exit({ code: 0 });
  h.clock.advance(1_000);
  const [task] = await h.tasks();
  assert.equal(task.lastStatus, 'RUNNING');
  assert.deepEqual(
    task.containers.map((each: { lastStatus: string }) => each.lastStatus),
    ['RUNNING', 'RUNNING', 'STOPPED'],
  );
  h.processes[0]?.exit({ code: 1 });
  assert.deepEqual(h.processes[1]?.signals, ['SIGTERM']);
  h.clock.advance(5_200);
  assert.deepEqual(h.processes[1]?.signals, ['SIGTERM', 'SIGKILL']);
  const [stopped] = await h.tasks({ desiredStatus: 'STOPPED' });
  assert.deepEqual(
    stopped.containers.map((each: { exitCode: number }) => each.exitCode),
    [1, 137, 0],
  );
});

test("the environment holds what ECS gives, the role's credentials, and nothing else of ours", async () => {
  process.env.SLUICE_TEST_SECRET = 'no';
  const taskRoleArn = 'arn:aws:iam::000000000000:role/path/worker-role';
  const environment = [{ name: 'QUEUE_URL', value: 'q' }];
  const h = await runOne(
    { environment },
    { taskRoleArn },
    { environment: { LOG_LEVEL: 'debug', QUEUE_URL: 'default' } },
  );
  h.clock.advance(STARTED_MS);
  const env = h.processes[0]?.options.env ?? {};
  assert.equal(env.QUEUE_URL, 'q');
  assert.equal(env.LOG_LEVEL, 'debug');
  assert.equal(env.AWS_REGION, 'us-east-1');
  assert.equal(env.AWS_ENDPOINT_URL, 'http://127.0.0.1:4566');
  assert.match(env.ECS_AGENT_URI ?? '', /^http:\/\/127\.0\.0\.1:4566\/api\/[\w-]{32}$/);
  assert.equal(env.SLUICE_TEST_SECRET, undefined);
  assert.equal(env.PATH, process.env.PATH);
  const known = h.credentials.lookup(env.AWS_ACCESS_KEY_ID ?? '');
  assert.equal(known?.principal.principalArn, 'arn:aws:iam::000000000000:role/worker-role');
  assert.equal(known?.sessionToken, env.AWS_SESSION_TOKEN);
  await h.call('StopTask', { cluster: 'c', task: h.arn });
  h.clock.advance(1_000);
  assert.equal(h.credentials.lookup(env.AWS_ACCESS_KEY_ID ?? ''), undefined, 'they end with the task');
  const plain = await runOne();
  plain.clock.advance(STARTED_MS);
  assert.equal(plain.processes[0]?.options.env.AWS_ACCESS_KEY_ID, undefined, 'no role, no credentials');
  delete process.env.SLUICE_TEST_SECRET;
});

test('overrides replace the command and add to the environment', async () => {
  const h = await ecsHarness();
  const taskDefinition = await h.define('job', { environment: [{ name: 'A', value: '1' }] });
  const containerOverrides = [{ name: 'main', command: ['other', '-x'], environment: [{ name: 'B', value: '2' }] }];
  await h.call('RunTask', { cluster: 'c', taskDefinition, overrides: { containerOverrides } });
  h.clock.advance(STARTED_MS);
  assert.deepEqual(h.processes[0]?.command, ['other', '-x']);
  assert.equal(h.processes[0]?.options.env.A, '1');
  assert.equal(h.processes[0]?.options.env.B, '2');
  const wrong = { containerOverrides: [{ name: 'nobody' }] };
  assert.equal(
    await codeOf(h.call('RunTask', { cluster: 'c', taskDefinition, overrides: wrong })),
    'InvalidParameterException',
  );
});

test('RunTask: limits, and no more tasks than the machine may run', async () => {
  const h = await ecsHarness({ maxTasks: 3 });
  const taskDefinition = await h.define();
  assert.equal(
    await codeOf(h.call('RunTask', { cluster: 'c', taskDefinition, count: 11 })),
    'InvalidParameterException',
  );
  assert.equal(await codeOf(h.call('RunTask', { cluster: 'c', taskDefinition: 'nope' })), 'ClientException');
  assert.equal(await codeOf(h.call('RunTask', { taskDefinition })), 'ClusterNotFoundException');
  const reply = await h.call('RunTask', { cluster: 'c', taskDefinition, count: 5 });
  assert.equal(reply.tasks.length, 3);
  assert.equal(reply.failures.length, 2);
});

test('StopTask of an unknown task is InvalidParameterException', async () => {
  const h = await ecsHarness();
  const error = await errorOf(h.call('StopTask', { cluster: 'c', task: 'nope' }));
  assert.equal(error.code, 'InvalidParameterException');
  assert.equal(error.message, 'The referenced task was not found.');
});

test('ListTasks filters and pages; DescribeTasks says what is missing', async () => {
  const h = await ecsHarness();
  const a = await h.define('a');
  await h.define('b');
  await h.call('RunTask', { cluster: 'c', taskDefinition: a, count: 3, startedBy: 'me' });
  await h.call('RunTask', { cluster: 'c', taskDefinition: 'b', count: 2, launchType: 'EC2' });
  const list = async (filter: object) => (await h.call('ListTasks', { cluster: 'c', ...filter })).taskArns.length;
  assert.equal(await list({}), 5);
  assert.equal(await list({ family: 'b' }), 2);
  assert.equal(await list({ startedBy: 'me' }), 3);
  assert.equal(await list({ launchType: 'EC2' }), 2);
  assert.equal(await list({ desiredStatus: 'STOPPED' }), 0);
  assert.equal(await list({ desiredStatus: 'PENDING' }), 0, 'ECS never sets it');
  assert.equal(await list({ containerInstance: 'x' }), 0);
  assert.equal(await codeOf(list({ startedBy: 'me', family: 'a' })), 'InvalidParameterException');
  assert.equal(await codeOf(list({ serviceName: 'nope' })), 'ServiceNotFoundException');
  assert.equal(await codeOf(list({ maxResults: 101 })), 'InvalidParameterException');
  const seen: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await h.call('ListTasks', { cluster: 'c', maxResults: 2, nextToken });
    seen.push(...page.taskArns);
    nextToken = page.nextToken;
  } while (nextToken);
  assert.equal(new Set(seen).size, 5);
  assert.equal(seen.length, 5);
  assert.equal(await codeOf(list({ nextToken: '???' })), 'InvalidParameterException');
  const reply = await h.call('DescribeTasks', { cluster: 'c', tasks: [seen[0], 'nope'] });
  assert.equal(reply.tasks.length, 1);
  assert.deepEqual(reply.failures, [{ arn: 'arn:aws:ecs:us-east-1:000000000000:task/c/nope', reason: 'MISSING' }]);
  assert.equal(await codeOf(h.call('DescribeTasks', { cluster: 'c', tasks: [] })), 'InvalidParameterException');
});

test('stopped tasks stay listed for an hour, and only so many', async () => {
  const h = await ecsHarness({ maxStoppedTasks: 4 });
  const taskDefinition = await h.define();
  for (let i = 0; i < 6; i++) {
    await h.call('RunTask', { cluster: 'c', taskDefinition });
    h.clock.advance(STARTED_MS);
    h.live()[0]?.exit({ code: 0 });
    h.clock.advance(1_000);
  }
  assert.equal((await h.tasks({ desiredStatus: 'STOPPED' })).length, 4);
  h.clock.advance(3_600_001);
  assert.equal((await h.tasks({ desiredStatus: 'STOPPED' })).length, 0);
});

test('close stops everything, by force where it must', async () => {
  const h = await ecsHarness({ closeGraceMs: 500 });
  const taskDefinition = await h.define('s', { command: ['stubborn'] });
  await h.call('RunTask', { cluster: 'c', taskDefinition, count: 2 });
  await h.define('polite');
  await h.call('RunTask', { cluster: 'c', taskDefinition: 'polite' });
  h.clock.advance(STARTED_MS);
  const closed = h.ecs.close();
  assert.equal(h.live().length, 2);
  h.clock.advance(500);
  await closed;
  assert.equal(h.live().length, 0);
});

test.run();
