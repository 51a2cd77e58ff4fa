/**
 * Sluice itself against ministack, a cloud that we did not write: run, plan, policy, status, and experiments, each as a user
 * calls them. Its ECS keeps counts of services without running tasks, and replaces no task that was stopped; its SQS does not
 * apply queue policies, so a partition is seen to write and to restore the policy and not to cut anybody off. It also tells an
 * empty policy where AWS tells none, which Sluice refuses to believe; so the queue has a policy of its owner's.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { test } from 'uvu';
import { startMinistack } from '../support/ministack.ts';
import { withoutTool } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { cleanEnvironment, run, SLUICE } from '../support/up.ts';

const POLICY = `apiVersion: sluice/v1
kind: WorkerPolicy
metadata: { name: workers }
spec:
  mode: enforce
  queue: { name: jobs }
  service: { cluster: demo, name: workers }
  interval: 1s
  scaling:
    minWorkers: 1
    maxWorkers: 6
    strategies: [{ type: backlogPerWorker, target: 6 }]
    scaleUp: { cooldown: 1s }
    scaleDown: { cooldown: 1s, stabilizationWindow: 2s }
  chaos:
    enabled: true
    cooldown: 1s
    experiments:
      - { name: cut-off, fault: { type: partition, duration: 5s }, hypothesis: { recoversWithin: 60s } }
      - { name: drain-all, fault: { type: drain, hold: 3s }, hypothesis: { recoversWithin: 60s } }
`;

/** The owner's policy, with the owner's spaces: an experiment must give back just this. */
const OWNERS = `{ "Version": "2012-10-17",  "Statement": [{ "Sid": "Owner", "Effect": "Allow",
  "Principal": { "AWS": "arn:aws:iam::000000000000:root" }, "Action": "sqs:*", "Resource": "*" }] }`;

const ministack = await startMinistack();

if (!ministack) {
  withoutTool('ministack', 'Sluice is not tried on it');
} else {
  const { url, child } = ministack;
  const config = { endpoint: url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const sqs = new SQSClient(config);
  const ecs = new ECSClient(config);
  const cwd = mkdtempSync(join(tmpdir(), 'sluice-ministack-'));
  const env = {
    ...cleanEnvironment(),
    ...{ AWS_ENDPOINT_URL: url, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  };
  let reconciler: ChildProcess | undefined;
  let log = '';
  let QueueUrl: string | undefined;

  const sluice = (...args: string[]) => run(process.execPath, [SLUICE, ...args], { cwd, env });
  const service = async () =>
    (await ecs.send(new DescribeServicesCommand({ cluster: 'demo', services: ['workers'] }))).services![0]!;
  const desired = (count: number): Promise<unknown> =>
    until(
      `${count} workers`,
      async () => (await service()).desiredCount === count,
      30_000,
      () => log,
    );

  test('a queue and a service, made as anywhere', async () => {
    ({ QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs', Attributes: { Policy: OWNERS } })));
    for (let i = 0; i < 30; i++) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    await ecs.send(new CreateClusterCommand({ clusterName: 'demo' }));
    await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: 'workers',
        taskRoleArn: 'arn:aws:iam::000000000000:role/worker',
        containerDefinitions: [{ name: 'worker', image: 'busybox', essential: true, memory: 128 }],
      }),
    );
    await ecs.send(
      new CreateServiceCommand({ cluster: 'demo', serviceName: 'workers', taskDefinition: 'workers', desiredCount: 1 }),
    );
    writeFileSync(join(cwd, 'policy.yaml'), POLICY);
  });

  test('plan says what it would do, and does nothing', async () => {
    const { status, stdout, stderr } = await sluice('plan', '--policy', 'policy.yaml');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /30 visible, 0 in flight/);
    assert.match(stdout, /would UpdateService desiredCount 1 -> 5/);
    assert.equal((await service()).desiredCount, 1);
  });

  test('policy apply, get and history', async () => {
    assert.equal((await sluice('policy', 'apply', 'policy.yaml')).status, 0);
    assert.equal((await sluice('policy', 'get', 'workers')).stdout.trim(), POLICY.trim());
    const history = await sluice('policy', 'history', 'workers');
    assert.match(history.stdout, /^1 .* yes /m, history.stderr);
  });

  test('run scales the service up', async () => {
    reconciler = spawn(process.execPath, [SLUICE, 'run', '--port', '0'], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [reconciler.stdout!, reconciler.stderr!])
      stream.on('data', (chunk) => {
        log += chunk;
      });
    await desired(5);
  });

  test('status tells of it', async () => {
    const told = async (): Promise<boolean> =>
      /workers\s+1\s+enforce\s+True\s.*5\/5/.test((await sluice('status')).stdout);
    await until('the status', told, 30_000, () => log);
  });

  test('a drain takes all workers away and brings them back', async () => {
    const { status, stdout, stderr } = await sluice('chaos', 'run', 'drain-all', '--wait');
    assert.equal(status, 0, `${stdout}${stderr}\n${log}`);
    assert.equal((await service()).desiredCount, 5);
  });

  test('a partition writes a queue policy, and takes it away again', async () => {
    const policyOf = async (): Promise<string | undefined> =>
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }))).Attributes?.Policy;
    // The cooldown of one second after the drain may not be over yet.
    const ask = async () => {
      const answer = await sluice('chaos', 'run', 'cut-off', '--wait');
      return /cooldown/.test(answer.stdout + answer.stderr) ? undefined : answer;
    };
    const asked = until('the partition to be accepted', ask, 90_000, () => log);
    const denies = async (): Promise<boolean> => (await policyOf())?.includes('"Deny"') ?? false;
    await until('the deny', denies, 30_000, () => log);
    const restored = async (): Promise<boolean> => (await policyOf()) === OWNERS;
    await until('the end of the deny', restored, 60_000, () => log);
    const { status, stdout, stderr } = await asked;
    assert.equal(status, 0, `${stdout}${stderr}\n${log}`);
  });

  test('run scales the service in once the queue is empty', async () => {
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    await desired(1);
  });

  test('everything is ended', async () => {
    reconciler?.kill('SIGTERM');
    await until(
      'the reconciler to end',
      () => reconciler?.exitCode === 0,
      20_000,
      () => log,
    );
    // It does not heed SIGTERM while connections are open.
    child.kill('SIGKILL');
    sqs.destroy();
    ecs.destroy();
    rmSync(cwd, { recursive: true, force: true });
  });
}

test.run();
