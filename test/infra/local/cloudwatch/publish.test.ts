import assert from 'node:assert/strict';
import { test } from 'uvu';
import { ManualClock } from '../../../../infra/local/clock.ts';
import { type Point, Publisher } from '../../../../infra/local/cloudwatch/publish.ts';
import type { QueueMetrics } from '../../../../infra/local/context.ts';
import { usageOf } from '../../../../infra/local/ecs/usage.ts';
import { cloudWatchHarness } from './harness.ts';

const queue = (more: Partial<QueueMetrics> = {}): QueueMetrics => ({
  queueName: 'jobs',
  visible: 0,
  inFlight: 0,
  delayed: 0,
  oldestAgeSeconds: undefined,
  sent: 0,
  received: 0,
  deleted: 0,
  emptyReceives: 0,
  sentBytes: 0,
  ...more,
});

const read = async (h: ReturnType<typeof cloudWatchHarness>, MetricName: string, Stat = 'Sum') => {
  const Metric = { Namespace: 'AWS/SQS', MetricName, Dimensions: [{ Name: 'QueueName', Value: 'jobs' }] };
  const query = { Id: 'q', MetricStat: { Metric, Period: 60, Stat } };
  const range = {
    StartTime: h.clock.now() / 1000 - 3600,
    EndTime: h.clock.now() / 1000 + 60,
    ScanBy: 'TimestampAscending',
  };
  return (await h.call('GetMetricData', { MetricDataQueries: [query], ...range })).MetricDataResults[0].Values;
};

test('queues are published each minute: gauges as they are, totals as differences', async () => {
  const h = cloudWatchHarness();
  h.queues.push(queue({ visible: 3, sent: 5, sentBytes: 500, oldestAgeSeconds: 12.7, inFlight: 2 }));
  h.cloudwatch.start();
  h.clock.advance(59_999);
  assert.deepEqual(await read(h, 'ApproximateNumberOfMessagesVisible'), []);
  h.clock.advance(1);
  assert.deepEqual(await read(h, 'ApproximateNumberOfMessagesVisible'), [3]);
  assert.deepEqual(await read(h, 'ApproximateAgeOfOldestMessage', 'Maximum'), [12]);
  h.queues[0] = queue({ sent: 8, sentBytes: 1100, deleted: 8, emptyReceives: 4 });
  h.clock.advance(60_000);
  assert.deepEqual(await read(h, 'ApproximateNumberOfMessagesVisible'), [3, 0]);
  assert.deepEqual(await read(h, 'NumberOfMessagesSent'), [5, 3]);
  assert.deepEqual(await read(h, 'NumberOfMessagesDeleted'), [0, 8]);
  assert.deepEqual(await read(h, 'NumberOfEmptyReceives'), [0, 4]);
  assert.deepEqual(await read(h, 'SentMessageSize', 'Average'), [100, 200]);
  assert.deepEqual(await read(h, 'ApproximateAgeOfOldestMessage'), [12], 'no point for an idle queue');
  h.queues[0] = queue({ sent: 2 });
  h.clock.advance(60_000);
  assert.equal((await read(h, 'NumberOfMessagesSent')).at(-1), 2, 'a queue of the same name made anew');
  h.cloudwatch.close();
  h.clock.advance(600_000);
  assert.equal((await read(h, 'NumberOfMessagesSent')).length, 3);
  assert.deepEqual(h.problems, []);
});

test('groups with messages in flight are published for a FIFO queue only, 0 too', async () => {
  const h = cloudWatchHarness();
  h.queues.push(queue({ visible: 3 }));
  h.cloudwatch.start();
  h.clock.advance(60_000);
  const groups = () => read(h, 'ApproximateNumberOfGroupsWithInflightMessages', 'Maximum');
  assert.deepEqual(await groups(), []);
  for (const groupsInFlight of [2, 0]) {
    h.queues[0] = queue({ visible: 3, groupsInFlight });
    h.clock.advance(60_000);
  }
  assert.deepEqual(await groups(), [2, 0]);
  h.cloudwatch.close();
});

test('services: counts, and CPU and memory as percents of what is reserved', async () => {
  const clock = new ManualClock();
  const points: Point[] = [];
  const service = {
    clusterName: 'c',
    serviceName: 's',
    desired: 3,
    running: 1,
    pending: 2,
    deployments: 1,
    cpuUnits: 512,
    memoryMiB: 100,
    pids: [7],
  };
  let cpuSeconds = 1;
  const publisher = new Publisher({
    clock,
    sqs: { metrics: () => [] },
    ecs: { metrics: () => [service] },
    periodMs: 10_000,
    store: (point) => points.push(point),
    usage: async () => new Map([[7, { cpuSeconds, memoryBytes: 50 * 2 ** 20 }]]),
    onProblem: (message) => assert.fail(message),
  });
  clock.advance(10_000);
  await publisher.publish();
  cpuSeconds = 2;
  clock.advance(10_000);
  await publisher.publish();
  const last = (name: string) => points.findLast((point) => point.metric.name === name)?.sample.sum;
  assert.equal(last('RunningTaskCount'), 1);
  assert.equal(last('PendingTaskCount'), 2);
  assert.equal(last('DesiredTaskCount'), 3);
  assert.equal(last('CPUUtilization'), 20, '0.1 of half a core');
  assert.equal(last('MemoryUtilization'), 50);
});

test('the usage of this very process can be measured', async () => {
  const pgid = process.platform === 'linux' ? await ownGroup() : 0;
  const usage = await usageOf([pgid]);
  if (pgid > 0) assert.ok((usage.get(pgid)?.memoryBytes ?? 0) > 1e6);
  assert.equal((await usageOf([])).size, 0);
});

async function ownGroup(): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const stat = await readFile('/proc/self/stat', 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}

test.run();
