/** The backtest from the account's own past, against the embedded AWS with a past that is put into it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import { type CloudWatch, createCloudWatch } from '../../infra/local/cloudwatch/index.ts';
import { startLocalAws } from '../../infra/local/index.ts';
import { EXAMPLE } from '../support/documents.ts';
import { cleanEnvironment, run, SLUICE } from '../support/up.ts';

const cloud = await startLocalAws({ port: 0, services: [createCloudWatch] });
const { accessKeyId, secretAccessKey } = cloud.rootKey;
const env = {
  ...cleanEnvironment(),
  AWS_ENDPOINT_URL: cloud.url,
  AWS_REGION: cloud.region,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
};
const cwd = mkdtempSync(join(tmpdir(), 'sluice-backtest-'));
const sluice = (...args: string[]) => run(process.execPath, [SLUICE, ...args], { cwd, env, input: '' });

const test = suite('backtest from CloudWatch');

test.before(() => {
  const cloudwatch = cloud.services.find((s): s is CloudWatch => s.name === 'cloudwatch')!;
  const minute = Math.floor(Date.now() / 60_000) * 60;
  const Dimensions = [{ Name: 'QueueName', Value: 'taskiq-tasks' }];
  const point = (MetricName: string, Value: number, Timestamp: number) => ({
    MetricName,
    Value,
    Timestamp,
    Dimensions,
  });
  // Two hours: 30 a minute, of 4 s each; two are in flight on average.
  for (let i = 1; i <= 120; i++)
    cloudwatch.seed({
      Namespace: 'AWS/SQS',
      MetricData: [
        point('NumberOfMessagesSent', 30, minute - 60 * i),
        point('NumberOfMessagesDeleted', 30, minute - 60 * i),
        point('ApproximateNumberOfMessagesNotVisible', 2, minute - 60 * i),
      ],
    });
});

test('--from-cloudwatch: arrivals and the service time are those of the queue', async () => {
  const { status, stdout, stderr } = await sluice(
    'backtest',
    '--from-cloudwatch',
    'taskiq-tasks',
    '--since',
    '3h',
    '--json',
  );
  assert.equal(status, 0, stderr);
  const { trace, plant, results } = JSON.parse(stdout);
  assert.equal(trace, 'taskiq-tasks, last 3h');
  assert.equal(plant.service, 'lognormal:4.00s/1');
  assert.ok(Math.abs(results[0].jobs - 3_600) <= 30, `${results[0].jobs} jobs`);
  assert.ok(results[0].withinTarget > 0.99, `${results[0].withinTarget}`);
});

test('a queue without a past, and a past that is too long', async () => {
  const none = await sluice('backtest', '--from-cloudwatch', 'nothing', '--since', '1h');
  assert.deepEqual([none.status, /holds no messages sent to nothing/.test(none.stderr)], [1, true], none.stderr);
  const long = await sluice('backtest', '--from-cloudwatch', 'taskiq-tasks', '--since', '30d');
  assert.deepEqual([long.status, /15d/.test(long.stderr)], [2, true], long.stderr);
});

test('policy apply --backtest: before and after, then the edit is stored as ever', async () => {
  const file = (name: string, text: string): string => {
    writeFileSync(join(cwd, name), text);
    return name;
  };
  assert.equal((await sluice('policy', 'apply', file('a.yaml', EXAMPLE))).status, 0);
  const edit = file('b.yaml', EXAMPLE.replace('scaleUpThreshold: 5', 'scaleUpThreshold: 4'));
  const dry = await sluice('policy', 'apply', edit, '--backtest', '2h', '--dry-run', '--json');
  assert.equal(dry.status, 0, dry.stderr);
  const { backtest, dryRun } = JSON.parse(dry.stdout);
  assert.equal(dryRun, true);
  assert.deepEqual(
    backtest.results.map((r: { controller: string }) => r.controller),
    ['sluice before', 'sluice after'],
  );
  const real = await sluice('policy', 'apply', edit, '--backtest', '2h');
  assert.equal(real.status, 0, real.stderr);
  assert.match(real.stdout, /sluice before[\s\S]*sluice after[\s\S]*stored/);
});

test.after(async () => {
  await cloud.close();
  rmSync(cwd, { recursive: true, force: true });
});

test.run();
