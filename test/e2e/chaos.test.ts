/** Experiments for real: processes that are stopped, a queue policy that bites, a reconciler that is killed meanwhile. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { test } from 'uvu';
import { createCloudWatch } from '../../infra/local/cloudwatch/index.ts';
import { createEcs, type Ecs } from '../../infra/local/ecs/index.ts';
import { startLocalAws } from '../../infra/local/index.ts';
import { createClients } from '../../reconciler/aws/clients.ts';
import { PolicyStore } from '../../reconciler/cli/policy-store.ts';
import { until } from '../support/until.ts';
import { cleanEnvironment, clientOf, run, SLUICE, scenario, startUp, type UpRun } from '../support/up.ts';

const CHAOS = `
interval: 1s
scaling:
  minWorkers: 3
  maxWorkers: 6
  strategies: [{ type: backlogPerWorker, target: 10 }]
  scaleUp: { cooldown: 1s }
  scaleDown: { cooldown: 1s }
chaos:
  enabled: true
  cooldown: 0s
  experiments:
    - { name: stop-one, fault: { type: stopTask, count: 1 }, hypothesis: { recoversWithin: 20s } }
    - { name: drain-all, fault: { type: drain, hold: 1s }, hypothesis: { recoversWithin: 30s } }
    - { name: cut-off, fault: { type: partition, duration: 5s }, hypothesis: { recoversWithin: 30s } }
    - { name: cut-long, fault: { type: partition, duration: 2m } }
    - { name: pause, fault: { type: partition, method: processingFlag, parameter: /sluice/flags/demo, duration: 5s } }
    - { name: other-net, fault: { type: partition, method: securityGroup, securityGroups: [sg-cut], duration: 5s } }
`;

async function queuePolicy(sqs: SQSClient, endpoint: string): Promise<string> {
  const QueueUrl = `${endpoint}/000000000000/jobs`;
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }));
  return Attributes?.Policy ?? '';
}

const reconcilerPid = (up: UpRun): number =>
  readFileSync(join(up.cwd, '.sluice', 'sluice.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"msg":"started"'))
    .map((line) => (JSON.parse(line) as { pid: number }).pid)
    .at(-1)!;

test('every fault, asked for by command, runs and passes; nothing is lost', async () => {
  const up = await startUp({ scenario: scenario(2, CHAOS, 'visibilityTimeout: 10s') });
  try {
    await until(
      'a steady fleet',
      async () => /3 running/.test((await up.sluice('status', 'demo')).stdout),
      30_000,
      up.output,
    );
    const verdicts: string[] = [];
    for (const name of ['stop-one', 'drain-all', 'cut-off', 'pause', 'other-net']) {
      const { status, stdout, stderr } = await up.sluice('chaos', 'run', name, '--wait', '--json');
      const report = JSON.parse(stdout) as {
        verdict: string;
        reason?: string;
        injectedAt: string;
        effectSeenAt?: string;
        recoveredAt: string;
      };
      // Within five seconds the workers of before may take all messages: then there is nothing to judge, and the run says so.
      const nothingToShow = name === 'other-net' && report.reason === 'noMessages';
      verdicts.push(`${name} ${nothingToShow ? 'inconclusive' : 'passed'}`);
      assert.equal(`${name} ${report.verdict}`, verdicts.at(-1), `${stdout}${stderr}`);
      assert.equal(status, nothingToShow ? 1 : 0, `${name}: ${stdout}${stderr}`);
      assert.ok(report.recoveredAt >= report.injectedAt, `${name} recovered after it was injected`);
      if (name !== 'other-net') assert.ok(report.effectSeenAt !== undefined, `${name} was seen to bite: ${stdout}`);
    }
    const list = await up.sluice('chaos', 'list');
    assert.match(list.stdout, /cut-off\s+partition\s+on\s+manual\s+-\s+-\s+passed/);
    const report = await up.sluice('chaos', 'report', 'drain-all', '--html', 'report.html');
    assert.equal(report.status, 0, report.stderr);
    assert.match(readFileSync(join(up.cwd, 'report.html'), 'utf8'), /<h2>drain-all <span class="verdict passed">/);
    const text = (await up.sluice('chaos', 'report', 'cut-off')).stdout;
    assert.match(text, /recovered\s+in \d/);
    assert.match(text, /\+0s\s+plan saved/);

    const unknown = await up.sluice('chaos', 'run', 'cut-of');
    assert.equal(unknown.status, 1);
    assert.match(unknown.stderr, /has no experiment cut-of\n.*did you mean cut-off\?/);

    assert.equal((await up.sluice('chaos', 'run', 'cut-long')).status, 0);
    const busy = await up.sluice('chaos', 'run', 'cut-off');
    assert.equal(busy.status, 1);
    assert.match(busy.stdout, /refused \(maxConcurrent\): cut-long is running/);
    const stopped = await up.sluice('chaos', 'stop');
    assert.match(stopped.stdout, /demo: cut-long: ended and reverted/);
    const sqs = new SQSClient(clientOf(up));
    await until('the policy to be gone', async () => (await queuePolicy(sqs, up.env.AWS_ENDPOINT_URL!)) === '');
    up.child.kill('SIGINT');
    const { status, summary } = await up.ended;
    assert.equal(status, 0, up.output());
    assert.ok(summary, 'a summary is printed');
    assert.equal(summary.lost, 0);
    const summed = (summary.experiments as { name: string; verdict: string }[]).map((e) => `${e.name} ${e.verdict}`);
    assert.deepEqual(summed, [...verdicts, 'cut-long aborted']);
  } finally {
    await up.cleanUp();
  }
});

test('the reconciler is killed during a partition: it comes back, reverts first, and the report says interrupted', async () => {
  const up = await startUp({ scenario: scenario(1, CHAOS, 'visibilityTimeout: 10s') });
  try {
    await until('a fleet', async () => /3 running/.test((await up.sluice('status', 'demo')).stdout), 30_000, up.output);
    const sqs = new SQSClient(clientOf(up));
    assert.equal((await up.sluice('chaos', 'run', 'cut-long')).status, 0);
    await until('the cut', async () => (await queuePolicy(sqs, up.env.AWS_ENDPOINT_URL!)).includes('SluiceChaos'));
    process.kill(reconcilerPid(up), 'SIGKILL');
    await until('the revert', async () => (await queuePolicy(sqs, up.env.AWS_ENDPOINT_URL!)) === '', 30_000, up.output);
    const report = await until(
      'the report',
      async () => {
        const { stdout } = await up.sluice('chaos', 'report', 'cut-long');
        return /interrupted/.test(stdout) ? stdout : '';
      },
      30_000,
      up.output,
    );
    assert.match(report, /the reconciler ended while the run was (active|injecting)/);
    up.child.kill('SIGINT');
    const { summary } = await up.ended;
    assert.equal(summary?.lost, 0);
  } finally {
    await up.cleanUp();
  }
});

test('a reconciler that was killed and stays dead: the partition ends at its deadline all the same', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'sluice-dead-'));
  let ecs: Ecs | undefined;
  const cloud = await startLocalAws({
    port: 0,
    services: [
      (context) => {
        ecs = createEcs(context, { startUpMs: 100 });
        return ecs;
      },
      (context) => createCloudWatch(context, { ecs: ecs!, publishPeriodMs: 1_000 }),
    ],
  });
  let child: ChildProcess | undefined;
  const env = {
    ...cleanEnvironment(),
    AWS_ENDPOINT_URL: cloud.url,
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: cloud.rootKey.accessKeyId,
    AWS_SECRET_ACCESS_KEY: cloud.rootKey.secretAccessKey,
  };
  Object.assign(process.env, env);
  const aws = createClients({ endpoint: cloud.url, region: cloud.region });
  const role = cloud.credentials.issue({ roleName: 'workers', sessionName: 'test' });
  const worker = new SQSClient({ endpoint: cloud.url, region: cloud.region, credentials: role });
  const receive = () =>
    worker.send(new ReceiveMessageCommand({ QueueUrl: `${cloud.url}/${cloud.accountId}/jobs` })).then(
      () => 'allowed',
      (error: Error) => error.name,
    );
  const cli = async (...args: string[]) => {
    const { status, stderr } = await run('aws', ['--endpoint-url', cloud.url, ...args], { env });
    assert.equal(status, 0, stderr);
  };
  try {
    await cli('sqs', 'create-queue', '--queue-name', 'jobs');
    await cli('ecs', 'create-cluster', '--cluster-name', 'demo');
    const container = JSON.stringify([
      { name: 'w', image: 'x', essential: true, command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'] },
    ]);
    await cli(
      'ecs',
      'register-task-definition',
      '--family',
      'w',
      '--task-role-arn',
      `arn:aws:iam::${cloud.accountId}:role/workers`,
      '--container-definitions',
      container,
    );
    await cli(
      'ecs',
      'create-service',
      '--cluster',
      'demo',
      '--service-name',
      'w',
      '--task-definition',
      'w',
      '--desired-count',
      '1',
    );
    await new PolicyStore(aws, '/sluice/policies/').put(
      'jobs',
      `apiVersion: sluice/v1
kind: WorkerPolicy
metadata: { name: jobs }
spec:
  interval: 1s
  queue: { name: jobs }
  service: { cluster: demo, name: w }
  scaling: { minWorkers: 1, maxWorkers: 1 }
  chaos:
    enabled: true
    experiments: [{ name: cut, fault: { type: partition, duration: 12s } }]
`,
      { base: undefined },
    );
    child = spawn(process.execPath, [SLUICE, 'run', '--port', '0'], { cwd, env, stdio: 'ignore' });
    const asked = await run(process.execPath, [SLUICE, 'chaos', 'run', 'cut', '--expires', '30s'], { cwd, env });
    assert.equal(asked.status, 0, asked.stdout + asked.stderr);
    await until('the partition to bite', async () => (await receive()) === 'AccessDenied');
    child.kill('SIGKILL');
    await until('the deadline', async () => (await receive()) === 'allowed');
    // Nobody removed it: it is still there, and over.
    const admin = new SQSClient({
      endpoint: cloud.url,
      region: cloud.region,
      credentials: { accessKeyId: cloud.rootKey.accessKeyId, secretAccessKey: cloud.rootKey.secretAccessKey },
    });
    assert.match(await queuePolicy(admin, cloud.url), /SluiceChaos/);
  } finally {
    child?.kill('SIGKILL');
    aws.destroy();
    await cloud.close();
    if (existsSync(cwd)) rmSync(cwd, { recursive: true, force: true });
  }
});

test.run();
