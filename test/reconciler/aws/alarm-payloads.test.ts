/** The exact call that reads the alarms of brakes: one for many policies, and none for a policy without a brake. */
import assert from 'node:assert/strict';
import nock from 'nock';
import { firstValueFrom } from 'rxjs';
import { test } from 'uvu';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { awsWorld } from '../../../reconciler/aws-world.ts';
import { COUNTS, expectCall, failCall, offline, persistent, QUEUE_URL, SERVICE } from '../../support/aws.ts';
import { policyOf, T0 } from '../../support/policy.ts';

offline();

const policy = (...alarms: string[]) =>
  policyOf({ scaleUp: { pauseWhile: { alarms } } }, { queue: { url: QUEUE_URL } });

async function look(...policies: ReturnType<typeof policy>[]) {
  const aws = createClients({ region: 'us-east-1', maxAttempts: 1 });
  persistent('sqs', 'GetQueueAttributes').reply(200, COUNTS);
  persistent('ecs', 'DescribeServices').reply(200, { services: [SERVICE] });
  const world = awsWorld(aws, { metricsInterval: 0, tasksInterval: 0, now: () => T0 });
  try {
    return await Promise.all(policies.map((each) => firstValueFrom(world.observe(each))));
  } finally {
    nock.cleanAll();
    aws.destroy();
  }
}

const request = (...AlarmNames: string[]) => ({
  AlarmNames,
  AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
  MaxRecords: 100,
});

test('one call reads the alarms of all policies, metric and composite ones', async () => {
  const call = expectCall('cloudwatch', 'DescribeAlarms', request('db', 'api', 'gone'), {
    MetricAlarms: [{ AlarmName: 'db', StateValue: 'ALARM', StateReason: 'Threshold Crossed: 93 above 80.' }],
    CompositeAlarms: [{ AlarmName: 'api', StateValue: 'OK', StateReason: 'fine' }],
  });
  const [one, two] = await look(policy('db', 'api'), policy('db', 'gone'));
  assert.ok(call.isDone());
  const db = { ok: true, at: T0, value: { state: 'ALARM', reason: 'Threshold Crossed: 93 above 80.' } };
  assert.deepEqual(one?.alarms, { db, api: { ok: true, at: T0, value: { state: 'OK' } } });
  assert.deepEqual(two?.alarms, { db, gone: { ok: true, at: T0, value: { state: 'MISSING' } } });
});

test('a refusal is a failed reading of each alarm, with the missing permission', async () => {
  failCall('cloudwatch', 'DescribeAlarms', 403, 'AccessDeniedException', 'not authorized');
  const [seen] = await look(policy('db'));
  const reading = seen?.alarms?.db;
  assert.ok(seen?.queue.ok && reading && !reading.ok);
  assert.match(`${reading.failure.message} ${reading.failure.hint}`, /cloudwatch:DescribeAlarms/);
});

test('without a brake no alarm is read', async () => {
  const [seen] = await look(policyOf({}, { queue: { url: QUEUE_URL } }));
  assert.equal(seen?.alarms, undefined);
});

test.run();
