import assert from 'node:assert/strict';
import { test } from 'uvu';
import { codeOf } from '../support.ts';
import { type EcsHarness, ecsHarness, STARTED_MS } from './harness.ts';

const messages = async (h: EcsHarness): Promise<string[]> =>
  (await h.service()).events.map((event: { message: string }) => event.message);

const update = (h: EcsHarness, more: object) => h.call('UpdateService', { cluster: 'c', service: 'svc', ...more });

test('a service comes up, is steady, and says so once', async () => {
  const h = await ecsHarness();
  const taskDefinition = await h.define();
  const { service } = await h.call('CreateService', {
    cluster: 'c',
    serviceName: 'svc',
    taskDefinition,
    desiredCount: 3,
    tags: [{ key: 'a', value: 'b' }],
  });
  assert.equal(service.status, 'ACTIVE');
  assert.equal(service.runningCount, 0);
  assert.equal(service.deployments[0].rolloutState, 'IN_PROGRESS');
  h.clock.advance(100);
  assert.equal((await h.service()).pendingCount, 3);
  h.clock.advance(STARTED_MS);
  const steady = await h.service();
  assert.deepEqual([steady.desiredCount, steady.runningCount, steady.pendingCount], [3, 3, 0]);
  assert.equal(steady.deployments.length, 1);
  assert.equal(steady.deployments[0].status, 'PRIMARY');
  assert.equal(steady.deployments[0].rolloutState, 'COMPLETED');
  assert.match(steady.deployments[0].id, /^ecs-svc\/\d{19}$/);
  assert.deepEqual(steady.tags, [{ key: 'a', value: 'b' }]);
  h.clock.advance(60_000);
  const said = await messages(h);
  assert.equal(said[0], '(service svc) has reached a steady state.');
  assert.equal(said.filter((text) => text.includes('steady state')).length, 1);
  assert.match(said.at(-1) ?? '', /^\(service svc\) has started 3 tasks: \(task [0-9a-f]{32}\) \(task/);
  const [task] = await h.tasks({ serviceName: 'svc' });
  assert.equal(task.startedBy, steady.deployments[0].id);
  assert.equal(task.group, 'service:svc');
});

test('a count alone scales without a deployment', async () => {
  const h = await ecsHarness();
  const before = await h.serve(2);
  const { service } = await update(h, { desiredCount: 5 });
  assert.deepEqual([service.desiredCount, service.runningCount], [5, 2]);
  h.clock.advance(STARTED_MS);
  const up = await h.service();
  assert.deepEqual([up.runningCount, up.pendingCount], [5, 0]);
  assert.equal(up.deployments[0].id, before.deployments[0].id);
  assert.equal(up.deployments[0].rolloutState, 'COMPLETED');
  await update(h, { desiredCount: 1 });
  h.clock.advance(STARTED_MS);
  assert.equal((await h.service()).runningCount, 1);
  assert.equal(h.live().length, 1);
  const stopped = await h.tasks({ desiredStatus: 'STOPPED' });
  assert.equal(stopped.length, 4);
  assert.equal(stopped[0].stopCode, 'ServiceSchedulerInitiated');
  assert.match(stopped[0].stoppedReason, /^Scaling activity initiated by \(deployment ecs-svc\//);
  assert.ok((await messages(h)).some((text) => /has stopped 4 running tasks: \(task/.test(text)));
  await update(h, { desiredCount: 0 });
  h.clock.advance(STARTED_MS);
  const none = await h.service();
  assert.deepEqual([none.desiredCount, none.runningCount, none.pendingCount], [0, 0, 0]);
  assert.equal(none.deployments[0].rolloutState, 'COMPLETED');
});

test('scale-in takes tasks that do not run yet first, and never protected ones', async () => {
  const h = await ecsHarness();
  await h.serve(2);
  const old = (await h.tasks()).map((task) => task.taskArn);
  await update(h, { desiredCount: 4 });
  h.clock.advance(500);
  await update(h, { desiredCount: 2 });
  h.clock.advance(STARTED_MS);
  assert.deepEqual((await h.tasks()).map((task) => task.taskArn).sort(), old.sort());
  await h.call('UpdateTaskProtection', { cluster: 'c', tasks: old, protectionEnabled: true, expiresInMinutes: 1 });
  await update(h, { desiredCount: 0 });
  h.clock.advance(30_000);
  assert.equal((await h.service()).runningCount, 2, 'both are protected');
  assert.match((await messages(h))[0] ?? '', /unable to scale in. Reason: The number of protected tasks/);
  h.clock.advance(30_000 + STARTED_MS);
  assert.equal((await h.service()).runningCount, 0, 'until the protection expires');
});

test('what dies is replaced, by StopTask too, and the count stays', async () => {
  const h = await ecsHarness();
  await h.serve(2);
  h.clock.advance(60_000);
  h.live()[0]?.exit({ signal: 'SIGKILL' });
  h.clock.advance(STARTED_MS);
  assert.equal(h.live().length, 2);
  const [task] = await h.tasks();
  await h.call('StopTask', { cluster: 'c', task: task.taskArn, reason: 'chaos' });
  h.clock.advance(100);
  const during = await h.service();
  assert.deepEqual([during.desiredCount, during.runningCount, during.pendingCount], [2, 1, 1]);
  h.clock.advance(STARTED_MS);
  assert.equal((await h.service()).runningCount, 2);
});

test('a new task definition rolls out within the percentages', async () => {
  const h = await ecsHarness();
  const deploymentConfiguration = { minimumHealthyPercent: 50, maximumPercent: 150 };
  await h.serve(4, { deploymentConfiguration });
  const second = await h.define();
  const { service } = await update(h, { taskDefinition: second });
  assert.equal(service.deployments.length, 2);
  assert.deepEqual(
    service.deployments.map((d: { status: string }) => d.status),
    ['PRIMARY', 'ACTIVE'],
  );
  assert.equal(service.taskDefinition, second);
  let most = 0;
  let least = 9;
  for (let i = 0; i < 100; i++) {
    h.clock.advance(100);
    const now = await h.service();
    most = Math.max(most, now.runningCount + now.pendingCount);
    least = Math.min(least, now.runningCount);
  }
  assert.ok(most <= 6, `at most 6, was ${most}`);
  assert.ok(least >= 2, `at least 2, was ${least}`);
  const done = await h.service();
  assert.equal(done.deployments.length, 1);
  assert.equal(done.deployments[0].rolloutState, 'COMPLETED');
  assert.equal(done.runningCount, 4);
  assert.ok((await h.tasks()).every((task) => task.taskDefinitionArn === second));
});

test('deployments begin on what ECS deploys for, and on nothing else', async () => {
  const h = await ecsHarness();
  const network = (group: string) => ({ awsvpcConfiguration: { subnets: ['s'], securityGroups: [group] } });
  await h.serve(1, { networkConfiguration: network('a') });
  const count = async (more: object) => {
    const { service } = await update(h, more);
    h.clock.advance(10_000);
    assert.equal((await h.service()).deployments.length, 1);
    return service.deployments.length;
  };
  const same = (await h.service()).taskDefinition;
  assert.equal(await count({ taskDefinition: same }), 1);
  assert.equal(await count({ networkConfiguration: network('a') }), 1);
  assert.equal(await count({ enableExecuteCommand: true, deploymentConfiguration: { maximumPercent: 250 } }), 1);
  assert.equal(await count({ networkConfiguration: network('b') }), 2);
  assert.equal((await h.service()).networkConfiguration.awsvpcConfiguration.securityGroups[0], 'b');
  assert.equal(await count({ forceNewDeployment: true }), 2);
});

test('tasks that fail at once are started ever more slowly', async () => {
  const h = await ecsHarness({ deprovisionMs: 0 });
  await h.define('bad', { command: ['missing'] });
  await h.call('CreateService', { cluster: 'c', serviceName: 'svc', taskDefinition: 'bad', desiredCount: 1 });
  let begun = 0;
  h.ecs.onTaskStateChange((task) => {
    if (task.lastStatus === 'PENDING') begun += 1;
  });
  h.clock.advance(10_000);
  const early = begun;
  h.clock.advance(300_000);
  assert.ok(early >= 3 && early <= 6, `${early}`);
  assert.ok(begun - early < 12, `${begun - early} in five minutes`);
  assert.ok(
    (await messages(h)).some((text) => text === '(service svc) is unable to consistently start tasks successfully.'),
  );
  assert.ok((await h.service()).deployments[0].failedTasks >= 3);
  await h.define('good');
  await update(h, { taskDefinition: 'good' });
  h.clock.advance(STARTED_MS);
  assert.equal((await h.service()).runningCount, 1, 'a new task definition is free of the throttle');
});

test('the circuit breaker rolls back to what worked', async () => {
  const h = await ecsHarness();
  const breaker = (rollback: boolean) => ({ deploymentCircuitBreaker: { enable: true, rollback } });
  const first = await h.serve(2, { deploymentConfiguration: breaker(true) });
  await h.define('bad', { command: ['missing'] });
  await update(h, { taskDefinition: 'bad' });
  h.clock.advance(60_000);
  const back = await h.service();
  assert.equal(back.deployments.length, 1);
  assert.equal(back.taskDefinition, first.taskDefinition);
  assert.equal(back.deployments[0].rolloutState, 'COMPLETED');
  assert.equal(back.runningCount, 2);
  assert.ok((await messages(h)).some((text) => text.includes('deployment failed: tasks failed to start')));
  await update(h, { taskDefinition: 'bad', deploymentConfiguration: breaker(false) });
  h.clock.advance(60_000);
  const failed = await h.service();
  assert.equal(failed.deployments[0].rolloutState, 'FAILED');
  assert.match(failed.deployments[0].rolloutStateReason, /circuit breaker/);
  assert.equal(failed.runningCount, 2, 'the old tasks go on');
});

test('protection: rules, expiry, and a deployment that waits for it', async () => {
  const h = await ecsHarness();
  await h.serve(1);
  const [task] = await h.tasks();
  const protect = (more: object = {}) =>
    h.call('UpdateTaskProtection', { cluster: 'c', tasks: [task.taskArn], protectionEnabled: true, ...more });
  assert.equal(await codeOf(protect({ expiresInMinutes: 0 })), 'InvalidParameterException');
  assert.equal(await codeOf(protect({ expiresInMinutes: 2881 })), 'InvalidParameterException');
  assert.equal(await codeOf(protect({ protectionEnabled: undefined })), 'InvalidParameterException');
  assert.equal(await codeOf(protect({ tasks: Array(11).fill('x') })), 'InvalidParameterException');
  const t = h.clock.now() / 1000;
  const given = await protect();
  assert.deepEqual(given.protectedTasks, [
    { taskArn: task.taskArn, protectionEnabled: true, expirationDate: t + 7200 },
  ]);
  const { tasks } = await h.call('RunTask', { cluster: 'c', taskDefinition: 'worker' });
  const alone = await protect({ tasks: [tasks[0].taskArn, 'nope'] });
  assert.deepEqual(
    alone.failures.map((f: { reason: string }) => f.reason),
    ['TASK_NOT_VALID', 'MISSING'],
  );
  await update(h, { forceNewDeployment: true });
  h.clock.advance(10_000);
  const waiting = await h.service();
  assert.equal(waiting.deployments.length, 2, 'the old deployment is not over');
  assert.equal(waiting.deployments[0].rolloutState, 'IN_PROGRESS');
  const fresh = (await h.tasks({ serviceName: 'svc' })).find((each) => each.taskArn !== task.taskArn);
  const blocked = await protect({ tasks: [fresh.taskArn] });
  assert.equal(blocked.failures[0].reason, 'DEPLOYMENT_BLOCKED');
  await protect({ protectionEnabled: false });
  h.clock.advance(5_000);
  assert.equal((await h.service()).deployments.length, 1);
  const { protectedTasks } = await h.call('GetTaskProtection', { cluster: 'c' });
  assert.deepEqual(protectedTasks, [{ taskArn: fresh.taskArn, protectionEnabled: false }]);
  const stopped = await protect();
  assert.equal(stopped.failures[0].reason, 'TASK_NOT_VALID');
});

test('deleting: above zero only by force, DRAINING and then INACTIVE, and the name is free again', async () => {
  const h = await ecsHarness();
  await h.serve(2);
  await h.define('s', { command: ['stubborn'], stopTimeout: 5 });
  const remove = (more = {}) => h.call('DeleteService', { cluster: 'c', service: 'svc', ...more });
  assert.equal(await codeOf(remove()), 'InvalidParameterException');
  await update(h, { taskDefinition: 's' });
  h.clock.advance(10_000);
  assert.equal((await remove({ force: true })).service.status, 'DRAINING');
  assert.equal(await codeOf(update(h, { desiredCount: 1 })), 'ServiceNotActiveException');
  h.clock.advance(100);
  const again = { cluster: 'c', serviceName: 'svc', taskDefinition: 'worker' };
  assert.equal(await codeOf(h.call('CreateService', again)), 'InvalidParameterException');
  h.clock.advance(10_000);
  assert.equal((await h.service()).status, 'INACTIVE');
  assert.equal(h.live().length, 0);
  assert.equal(await codeOf(update(h, { desiredCount: 1 })), 'ServiceNotActiveException');
  assert.deepEqual((await h.call('ListServices', { cluster: 'c' })).serviceArns, []);
  await h.call('CreateService', again);
  assert.equal((await h.service()).status, 'ACTIVE');
});

test('input is checked as on AWS, and a refused call changes nothing', async () => {
  const h = await ecsHarness();
  await h.serve(1);
  const refused = async (action: string, input: object, code: string) =>
    assert.equal(await codeOf(h.call(action, { cluster: 'c', ...input })), code, `${action} ${JSON.stringify(input)}`);
  await refused('UpdateService', { service: 'svc', desiredCount: -1 }, 'InvalidParameterException');
  await refused('UpdateService', { service: 'svc', desiredCount: 1.5 }, 'SerializationException');
  await refused('UpdateService', { service: 'svc', desiredCount: 4, taskDefinition: 'no' }, 'ClientException');
  await refused('UpdateService', { service: 'other', desiredCount: 1 }, 'ServiceNotFoundException');
  await refused('UpdateService', { desiredCount: 1 }, 'InvalidParameterException');
  await refused('UpdateService', { cluster: 'x', service: 'svc' }, 'ClusterNotFoundException');
  await refused('DescribeServices', { services: [] }, 'InvalidParameterException');
  await refused(
    'DescribeServices',
    { services: Array.from({ length: 11 }, (_, i) => `s${i}`) },
    'InvalidParameterException',
  );
  await refused('CreateService', { serviceName: 'svc', taskDefinition: 'worker' }, 'InvalidParameterException');
  await refused('CreateService', { serviceName: 'a b', taskDefinition: 'worker' }, 'InvalidParameterException');
  await refused('CreateService', { serviceName: 'n' }, 'InvalidParameterException');
  await refused('DeleteService', { service: 'nope' }, 'ServiceNotFoundException');
  await refused('DeleteCluster', {}, 'ClusterContainsServicesException');
  await refused('RegisterTaskDefinition', { family: 'f' }, 'ClientException');
  await refused('RegisterTaskDefinition', { family: 'f', containerDefinitions: [{ name: 'x' }] }, 'ClientException');
  await refused('DescribeTaskDefinition', { taskDefinition: 'f' }, 'ClientException');
  assert.equal((await h.service()).desiredCount, 1);
  const reply = await h.call('DescribeServices', { cluster: 'c', services: ['nope', 'svc'] });
  assert.equal(reply.services.length, 1);
  assert.deepEqual(reply.failures, [{ arn: 'arn:aws:ecs:us-east-1:000000000000:service/c/nope', reason: 'MISSING' }]);
});

test('no more processes than allowed; the rest comes when there is room', async () => {
  const h = await ecsHarness({ maxTasks: 3 });
  await h.serve(5);
  const full = await h.service();
  assert.deepEqual([full.runningCount, full.pendingCount], [3, 0]);
  h.clock.advance(60_000);
  const said = (await messages(h)).filter((text) => text.includes('was unable to place a task'));
  assert.equal(said.length, 1);
  await update(h, { desiredCount: 2 });
  h.clock.advance(5_000);
  assert.equal((await h.service()).runningCount, 2);
});

test.run();
