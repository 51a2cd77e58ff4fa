/** Several queues of one policy: one count each, at most eight at a time, and metrics in the batches of all policies. */
import assert from 'node:assert/strict';
import nock from 'nock';
import { firstValueFrom } from 'rxjs';
import { test } from 'uvu';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { awsWorld } from '../../../reconciler/aws-world.ts';
import { COUNTS, offline, persistent, SERVICE } from '../../support/aws.ts';
import { policyOf, T0 } from '../../support/policy.ts';

offline();

const QUEUES = 20;
const POLICIES = 5;
const url = (name: string): string => `https://sqs.us-east-1.amazonaws.com/000000000000/${name}`;
const policy = (prefix: string) =>
  policyOf({}, { queues: Array.from({ length: QUEUES }, (_, i) => ({ url: url(`${prefix}-${i}`) })) });

interface Body {
  QueueUrl: string;
  MetricDataQueries: { Id: string }[];
}

test('20 queues of 5 policies: 100 counts, eight of a policy at a time, and one call for their metrics', async () => {
  const underWay = new Map<string, number>();
  let [most, counts, metrics] = [0, 0, 0];
  const aws = createClients({ region: 'us-east-1', maxAttempts: 1 });
  persistent('ecs', 'DescribeServices').reply(200, { services: [SERVICE] });
  persistent('sqs', 'GetQueueAttributes').reply(async (request) => {
    const { QueueUrl } = (await request.json()) as Body;
    const owner = QueueUrl.split('/').at(-1)!.split('-')[0]!;
    const now = (underWay.get(owner) ?? 0) + 1;
    underWay.set(owner, now);
    most = Math.max(most, now);
    counts++;
    await new Promise(setImmediate);
    underWay.set(owner, underWay.get(owner)! - 1);
    const QueueArn = `arn:aws:sqs:us-east-1:000000000000:${QueueUrl.split('/').at(-1)}`;
    return [200, { Attributes: { ...COUNTS.Attributes, QueueArn } }];
  });
  persistent('cloudwatch', 'GetMetricData').reply(async (request) => {
    metrics++;
    const { MetricDataQueries } = (await request.json()) as Body;
    const answer = {
      MetricDataResults: MetricDataQueries.map(({ Id }) => ({
        Id,
        StatusCode: 'Complete',
        Timestamps: [],
        Values: [],
      })),
    };
    return [200, answer];
  });
  const world = awsWorld(aws, { metricsInterval: 60_000, tasksInterval: 0, now: () => T0 });
  try {
    const looks = await Promise.all(
      Array.from({ length: POLICIES }, (_, i) => firstValueFrom(world.observe(policy(`p${i}`)))),
    );
    assert.equal(counts, QUEUES * POLICIES);
    assert.ok(most <= 8, `${most} counts of one policy at a time`);
    // 500 queries in a call, four for each queue.
    assert.ok(metrics <= Math.ceil((QUEUES * POLICIES) / 125) + 1, `${metrics} calls`);
    for (const { queue, queues } of looks) {
      assert.equal(queues?.length, QUEUES);
      const one = queues?.[0]?.counts;
      assert.ok(queue.ok && one?.ok);
      assert.equal(queue.value.visible, QUEUES * one.value.visible);
    }
  } finally {
    nock.cleanAll();
    aws.destroy();
  }
});

test.run();
