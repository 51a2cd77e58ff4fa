/** The groups of FIFO queues are read where they can matter, and their failure takes nothing else along. */
import assert from 'node:assert/strict';
import nock from 'nock';
import { firstValueFrom } from 'rxjs';
import { test } from 'uvu';
import type { PolicyInput } from '../../../policies/document/schema.ts';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { awsWorld } from '../../../reconciler/aws-world.ts';
import { failCall, offline, persistent, SERVICE } from '../../support/aws.ts';
import { policyOf, T0 } from '../../support/policy.ts';

offline();

const METRIC = 'ApproximateNumberOfGroupsWithInflightMessages';
const MINUTE = 60_000;

interface Query {
  Id: string;
  MetricStat: { Metric: { MetricName: string; Dimensions: { Value: string }[] }; Period: number; Stat: string };
}

/** Looks once at queues with so many visible messages, and one in flight in all that have any. */
async function look(spec: Partial<PolicyInput['spec']>, visible: Record<string, number>, groups?: number) {
  const asked: Query[] = [];
  persistent('sqs', 'GetQueueAttributes').reply(async (request) => {
    const { QueueUrl } = (await request.json()) as { QueueUrl: string };
    const name = QueueUrl.split('/').at(-1) ?? '';
    const waiting = visible[name] ?? 0;
    const Attributes = {
      ApproximateNumberOfMessages: `${waiting}`,
      ApproximateNumberOfMessagesNotVisible: waiting > 0 ? '1' : '0',
      ApproximateNumberOfMessagesDelayed: '0',
      QueueArn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
    };
    return [200, { Attributes }];
  });
  persistent('ecs', 'DescribeServices').reply(200, { services: [SERVICE] });
  persistent('cloudwatch', 'GetMetricData').reply(async (request) => {
    const { MetricDataQueries } = (await request.json()) as { MetricDataQueries: Query[] };
    asked.push(...MetricDataQueries);
    const point = (query: Query) =>
      query.MetricStat.Metric.MetricName === METRIC && groups !== undefined
        ? { Timestamps: [(T0 - 2 * MINUTE) / 1_000], Values: [groups] }
        : { Timestamps: [], Values: [] };
    const MetricDataResults = MetricDataQueries.map((q) => ({ Id: q.Id, StatusCode: 'Complete', ...point(q) }));
    return [200, { MetricDataResults }];
  });
  const aws = createClients({ region: 'us-east-1', maxAttempts: 1 });
  try {
    const world = awsWorld(aws, { metricsInterval: MINUTE, tasksInterval: 0, now: () => T0 });
    const seen = await firstValueFrom(world.observe(policyOf({}, spec)));
    return { seen, asked: asked.filter(({ MetricStat }) => MetricStat.Metric.MetricName === METRIC) };
  } finally {
    nock.cleanAll();
    aws.destroy();
  }
}

const queue = (name: string) => ({ url: `https://sqs.us-east-1.amazonaws.com/000000000000/${name}` });
const ONE = { queue: queue('jobs.fifo') };
const TWO = { queues: [queue('a.fifo'), queue('b.fifo')] };

test('the groups of a FIFO queue with waiting messages, beside the other metrics', async () => {
  const { seen, asked } = await look(ONE, { 'jobs.fifo': 40 }, 3);
  assert.deepEqual(asked, [
    {
      Id: 'groups_4',
      MetricStat: {
        Metric: {
          Namespace: 'AWS/SQS',
          MetricName: METRIC,
          Dimensions: [{ Name: 'QueueName', Value: 'jobs.fifo' }],
        },
        Period: 60,
        Stat: 'Maximum',
      },
      ReturnData: true,
    },
  ]);
  assert.deepEqual(seen.groups, { ok: true, at: T0, value: { inFlight: 3, until: T0 - MINUTE } });
});

test('no point yet is not "no group"', async () => {
  const { seen } = await look(ONE, { 'jobs.fifo': 40 });
  assert.deepEqual(seen.groups, { ok: true, at: T0, value: undefined });
});

test('what costs money is not read: an empty FIFO queue, a standard queue', async () => {
  assert.deepEqual((await look(ONE, {})).asked, []);
  const { asked, seen } = await look({ queue: queue('jobs') }, { jobs: 40 }, 3);
  assert.deepEqual(asked, []);
  assert.ok(!('groups' in seen));
  assert.deepEqual((await look({ queues: [queue('a.fifo'), queue('b')] }, { 'a.fifo': 4, b: 4 })).asked, []);
});

test('several FIFO queues add up; an empty one has no groups', async () => {
  const both = await look(TWO, { 'a.fifo': 4, 'b.fifo': 9 }, 3);
  assert.deepEqual(both.seen.groups, { ok: true, at: T0, value: { inFlight: 6, until: T0 - MINUTE } });
  const one = await look(TWO, { 'a.fifo': 4 }, 3);
  assert.equal(one.asked.length, 1);
  assert.deepEqual(one.seen.groups, { ok: true, at: T0, value: { inFlight: 3, until: T0 - MINUTE } });
});

test('a refusal is a failed reading, and the counts are as good as before', async () => {
  failCall('cloudwatch', 'GetMetricData', 403, 'AccessDeniedException', 'not authorized').persist();
  const { seen } = await look(ONE, { 'jobs.fifo': 40 });
  assert.ok(seen.queue.ok && seen.groups && !seen.groups.ok);
  assert.match(`${seen.groups.failure.message} ${seen.groups.failure.hint}`, /cloudwatch:GetMetricData/);
});

test.run();
