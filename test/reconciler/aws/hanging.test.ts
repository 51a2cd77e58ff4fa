/** Whatever optional call hangs, the counts are read, and the observation says which part is missing. */
import assert from 'node:assert/strict';
import nock from 'nock';
import { firstValueFrom } from 'rxjs';
import { suite } from 'uvu';
import type { Observation, Reading } from '../../../policies/model/observation.ts';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { awsWorld } from '../../../reconciler/aws-world.ts';
import { COUNTS, offline, persistent, QUEUE_URL, SERVICE, type ServiceName } from '../../support/aws.ts';
import { policyOf } from '../../support/policy.ts';

offline();
const test = suite('hanging calls');
const NEVER_MS = 3_600_000;

const hangs: [ServiceName, string, (seen: Observation) => Reading<unknown> | undefined][] = [
  ['cloudwatch', 'GetMetricData', (seen) => seen.age],
  ['ecs', 'ListTasks', (seen) => seen.tasks],
  ['cloudwatch', 'DescribeAlarms', (seen) => seen.chaos?.alarms],
  ['ssm', 'GetParameter', (seen) => seen.chaos?.flag],
];

for (const [service, operation, part] of hangs)
  test(`${operation} hangs: the tick goes on`, async () => {
    const aws = createClients({ region: 'us-east-1', maxAttempts: 1, requestTimeout: NEVER_MS });
    const world = awsWorld(aws, { metricsInterval: 60_000, tasksInterval: 60_000 });
    persistent('sqs', 'GetQueueAttributes').reply(200, COUNTS);
    persistent('ecs', 'DescribeServices').reply(200, { services: [SERVICE] });
    for (const [other, call] of hangs) {
      const mock = persistent(other, call);
      if (call === operation) mock.delay(NEVER_MS).reply(200, {});
      else mock.reply(400, { __type: 'AccessDeniedException', message: 'no' });
    }
    try {
      const policy = policyOf({}, { queue: { url: QUEUE_URL }, interval: '1s' });
      const seen = await firstValueFrom(world.observe(policy, { alarms: ['page'], flag: '/f' }));
      assert.ok(seen.queue.ok && seen.service.ok, 'the counts are there');
      const reading = part(seen);
      assert.ok(reading && !reading.ok, `${service}:${operation} is missing`);
      assert.equal(reading.failure.code, 'TimeoutError');
      assert.match(reading.failure.message, /no answer within 0\.5 s; the tick goes on without it/);
    } finally {
      nock.abortPendingRequests();
      nock.cleanAll();
      aws.destroy();
    }
  });

test.run();
