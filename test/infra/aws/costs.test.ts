/** The numbers behind docs/costs.md: calls are counted while the code makes them, sizes measured. */
import assert from 'node:assert/strict';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { firstValueFrom } from 'rxjs';
import { suite } from 'uvu';
import { LOG_METRICS, stackAlarms } from '../../../infra/aws/blueprint/alarms.ts';
import * as costs from '../../../infra/aws/blueprint/costs.ts';
import { QUERIES } from '../../../infra/aws/blueprint/dashboard.ts';
import { reconcilerPermissions } from '../../../infra/aws/blueprint/permissions/reconciler.ts';
import { decide } from '../../../policies/decide.ts';
import { emptyMemory } from '../../../policies/memory.ts';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { awsWorld } from '../../../reconciler/aws-world.ts';
import { timesOf } from '../../../reconciler/lead/lease.ts';
import type { TickRecord } from '../../../reconciler/loop/tick.ts';
import { emfLine } from '../../../reconciler/report/emf.ts';
import { createLogger, DecisionLog } from '../../../reconciler/report/log.ts';
import { StackMetrics } from '../../../reconciler/report/stack-metrics.ts';
import { completed } from '../../../reconciler/settings.ts';
import { look, policyOf, T0 } from '../../support/policy.ts';
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

test('twenty minutes of ticks make just the calls that are reckoned with', async () => {
  const estate = await startEstate();
  estate.grant(reconcilerPermissions(ESTATE_SCOPE));
  const aws = createClients({ endpoint: estate.cloud.url, region: HOME.region, buckets: new Map() });
  let now = Date.now();
  const { tasksInterval, metricsInterval } = completed({}, false);
  const world = awsWorld(aws, { tasksInterval, metricsInterval, now: () => now });
  const alerts = [{ name: 'old', metric: 'oldestAge', above: '5m' } as const];
  const strategies = [{ type: 'targetWait', targetWait: '60s' } as const];
  const policy = policyOf(
    { strategies, minWorkers: 1, maxWorkers: 20 },
    { alerts, queue: { name: 'jobs' }, service: { cluster: 'demo', name: 'workers' } },
  );
  await estate.sqs.send(new SendMessageCommand({ QueueUrl: estate.queueUrl, MessageBody: 'in flight' }));
  await estate.sqs.send(new ReceiveMessageCommand({ QueueUrl: estate.queueUrl, VisibilityTimeout: 600 }));
  const { interval } = costs.DEFAULT_PACE;
  // The first look also asks for the queue's URL, and the first half hour reads more.
  await firstValueFrom(world.observe(policy));
  now += 31 * 60_000;
  await firstValueFrom(world.observe(policy));
  const before = estate.calls.length;
  for (let passed = 0; passed < 1_200; passed += interval) {
    now += interval * 1_000;
    await firstValueFrom(world.observe(policy));
  }
  const calls = estate.calls.slice(before);
  const made: Record<string, number> = {};
  for (const { service, action } of calls) made[`${service}:${action}`] = (made[`${service}:${action}`] ?? 0) + 1;
  assert.deepEqual(made, costs.callsOfPolicy(costs.DEFAULT_PACE, 1_200));
  const read = calls.flatMap((c) => (c.action === 'GetMetricData' ? (c.input.MetricDataQueries as unknown[]) : []));
  const { age, deleted, rates } = costs.metricsRead(costs.DEFAULT_PACE, 1_200);
  assert.equal(read.length, age + deleted + rates);
  aws.destroy();
  await estate.close();
});

/** A tick of a policy that has learned for six hours, and the lines that it leaves in the log. */
function quietMinute(): { record: TickRecord; lines: Record<string, unknown>[]; bytes: number } {
  const strategies = [{ type: 'targetWait', targetWait: '60s' } as const];
  const policy = policyOf({ strategies, minWorkers: 1, maxWorkers: 20 });
  let memory = emptyMemory();
  let record = tickOf();
  for (let i = 0; i < 6 * 360; i++) {
    const at = T0 + i * 10_000;
    const seen = look({ at, visible: Math.round(20 + 20 * Math.sin(i / 50) + ((i * 7_919) % 13)), inFlight: 5 });
    const rates = { sent: 3.2, received: 3.1, deleted: 3.05, until: at - 60_000, period: 60 };
    const { decision, memory: after } = decide(policy, { ...seen, rates: { ok: true, at, value: rates } }, memory, at);
    record = { kind: 'tick', decision, actions: [], results: [], memory, after, took: 1 };
    memory = after;
  }
  const written: string[] = [];
  const log = createLogger('info', { write: (line: string) => void written.push(line) });
  const report = { event: record, view: { name: 'jobs', generation: 1 } };
  new DecisionLog(log).report(report);
  new StackMetrics(log, 'Sluice/prod').report(report);
  const bytes = written.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  return { record, lines: written.map((line) => JSON.parse(line) as Record<string, unknown>), bytes };
}

test('metrics and log bytes are as many as a policy makes', () => {
  const { record, lines, bytes } = quietMinute();
  assert.equal(emfLine('Sluice', record)._aws.CloudWatchMetrics[0]?.Metrics.length, costs.METRICS_PER_POLICY);
  const stack = lines[1]?._aws as { CloudWatchMetrics: { Metrics: { Name: string }[] }[] };
  const counted = stack.CloudWatchMetrics[0]!.Metrics.map((m) => m.Name);
  assert.equal(costs.METRICS_PER_STACK, counted.length + LOG_METRICS.length);
  const alarms = stackAlarms('Sluice/prod');
  assert.equal(costs.ALARMS_PER_STACK, alarms.length);
  const fed = [...counted, ...LOG_METRICS.map((m) => m.metric)];
  for (const { metric } of alarms) assert.ok(fed.includes(metric), `nobody writes ${metric}`);
  const off = Math.abs(bytes - costs.BYTES_PER_MINUTE) / costs.BYTES_PER_MINUTE;
  assert.ok(off < 0.25, `a quiet minute logs ${bytes} bytes, not some ${costs.BYTES_PER_MINUTE}`);
});

test("the lease's pace is that of its table", () => {
  const { renew, look } = timesOf(completed({}, false).leaseDuration);
  assert.deepEqual(costs.LEASE_PACE, { renew: renew / 1_000, look: look / 1_000 });
});

test('two tasks cost less than $8 more, and each further policy just its second reading of the queue', () => {
  const more = (policies: number): number => costs.bill(policies, 2) - costs.bill(policies, 1);
  assert.ok(more(1) < 8, costs.costTable(costs.standbyItems()));
  assert.ok(more(10) - more(1) < 1, `${more(10)} and ${more(1)}`);
});

test('the bill: under $1 for a policy whose queue is never empty, under $11 for the stack of one task', () => {
  assert.ok(costs.total(costs.policyItems()) < 1, costs.costTable(costs.policyItems()));
  assert.ok(costs.total(costs.stackItems()) < 11, costs.costTable(costs.stackItems()));
});

/** Logs Insights extracts this many fields of a JSON line. Source: CloudWatch Logs User Guide, "Supported logs". */
const INSIGHTS_FIELDS = 200;

/** The fields of a line as Logs Insights names them, in their order. */
function fieldsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, member]) => fieldsOf(member, path === '' ? key : `${path}.${key}`));
}

test("the dashboard's queries ask for fields that Logs Insights extracts of real lines", () => {
  const [decision] = quietMinute().lines;
  const record = tickOf();
  const acted: string[] = [];
  new DecisionLog(createLogger('info', { write: (line: string) => void acted.push(line) })).report({
    event: { ...record, actions: [{ kind: 'UpdateService', desiredCount: 2, from: 1 }] },
    view: { name: 'jobs', generation: 1 },
  });
  const extracted = [decision, JSON.parse(acted[0]!)].map((line) => fieldsOf(line).slice(0, INSIGHTS_FIELDS));
  for (const fields of extracted) {
    assert.ok(fields.length < 40, `${fields.length} fields`);
    for (const name of ['msg', 'level', 'policy', 'summary', 'visible', 'inFlight', 'desired', 'running'])
      assert.ok(fields.includes(name), `${name} is none of ${fields.join(', ')}`);
  }
  assert.ok(extracted[1]!.includes('actions.0'), 'a line that changed something has actions.0');
  const asked = Object.values(QUERIES)
    .map((query) => (typeof query === 'string' ? query : query('jobs')))
    .flatMap((query) => [...query.matchAll(/max\((\w+)\)|filter (\w+)|ispresent\(([\w.]+)\)/g)])
    .flatMap(([, ...names]) => names.filter(Boolean));
  for (const name of asked) assert.ok(extracted[1]!.includes(name), `a query asks for ${name}`);
});

test.run();
