/** The numbers behind docs/costs.md: calls are counted while the code makes them, sizes measured. */
import assert from 'node:assert/strict';
import { firstValueFrom } from 'rxjs';
import { suite } from 'uvu';
import { LOG_METRICS } from '../../../infra/aws/blueprint/alarms.ts';
import * as costs from '../../../infra/aws/blueprint/costs.ts';
import { reconcilerPermissions } from '../../../infra/aws/blueprint/permissions/reconciler.ts';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { awsWorld } from '../../../reconciler/aws-world.ts';
import { emfLine } from '../../../reconciler/report/emf.ts';
import { createLogger, DecisionLog } from '../../../reconciler/report/log.ts';
import { completed } from '../../../reconciler/settings.ts';
import { policyOf } from '../../support/policy.ts';
import { ESTATE_SCOPE, HOME, startEstate } from '../../support/role.ts';
import { tickOf } from '../../support/tick.ts';

const test = suite('costs');

test('the pace is that of sluice run on AWS', () => {
  const settings = completed({}, false);
  const { interval, ...pace } = costs.DEFAULT_PACE;
  assert.equal(policyOf().spec.interval, interval * 1_000);
  for (const [name, seconds] of Object.entries(pace))
    assert.equal(settings[name as keyof typeof pace], seconds * 1_000, name);
});

test('ten minutes of ticks make just the calls that are reckoned with', async () => {
  const estate = await startEstate();
  estate.grant(reconcilerPermissions(ESTATE_SCOPE));
  const aws = createClients({ endpoint: estate.cloud.url, region: HOME.region, buckets: new Map() });
  let now = Date.now();
  const { tasksInterval, metricsInterval } = completed({}, false);
  const world = awsWorld(aws, { tasksInterval, metricsInterval, now: () => now });
  const policy = policyOf({}, { queue: { name: 'jobs' }, service: { cluster: 'demo', name: 'workers' } });
  const { interval } = costs.DEFAULT_PACE;
  for (let passed = 0; passed < 600; passed += interval) {
    await firstValueFrom(world.observe(policy));
    now += interval * 1_000;
  }
  const made: Record<string, number> = {};
  for (const { service, action } of estate.calls)
    made[`${service}:${action}`] = (made[`${service}:${action}`] ?? 0) + 1;
  const { 'sqs:GetQueueUrl': urls, ...rest } = made;
  assert.equal(urls, 1, 'the URL is looked up once');
  assert.deepEqual(rest, costs.callsOfPolicy(costs.DEFAULT_PACE, 600));
  const read = estate.calls.find((c) => c.action === 'GetMetricData')?.input.MetricDataQueries as unknown[];
  assert.equal(read.length, costs.METRICS_PER_READ);
  aws.destroy();
  await estate.close();
});

test('metrics and log bytes are as many as a policy makes', () => {
  let bytes = 0;
  const log = createLogger('info', {
    write: (line: string) => {
      bytes += Buffer.byteLength(line);
    },
  });
  const record = tickOf();
  new DecisionLog(log).report({ event: record, view: { name: 'jobs', generation: 1 } });
  const line = emfLine('Sluice', record);
  log.info(line, 'metrics');
  assert.equal(line._aws.CloudWatchMetrics[0]?.Metrics.length, costs.METRICS_PER_POLICY);
  assert.equal(costs.METRICS_PER_STACK, LOG_METRICS.length);
  const off = Math.abs(bytes - costs.BYTES_PER_MINUTE) / costs.BYTES_PER_MINUTE;
  assert.ok(off < 0.25, `a quiet minute logs ${bytes} bytes, not some ${costs.BYTES_PER_MINUTE}`);
});

test.run();
