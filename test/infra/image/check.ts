/**
 * Runs what is in the image as ECS would: as the image's user, as PID 1 of its own process namespace, on a root file
 * system that is read-only; against the embedded AWS. Ends with `N passed, N failed`.
 *
 * Usage: node --import tsx test/infra/image/check.ts ROOTFS BASE-ROOTFS IMAGE.json
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createEcs } from '../../../infra/local/ecs/index.ts';
import { startLocalAws } from '../../../infra/local/index.ts';
import { until } from '../../support/until.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const [rootfs = '', baseRootfs = '', imageFile = ''] = process.argv.slice(2);
const DEADLINE_MS = 20_000;
const PORT = 18_080 + (process.pid % 1_000);

interface ImageConfig {
  User: string;
  Entrypoint: string[];
  Cmd: string[];
  Env: string[];
  StopSignal?: string;
  WorkingDir: string;
  Healthcheck?: { Test: string[] };
}
const { OCIv1, Docker } = JSON.parse(readFileSync(imageFile, 'utf8')) as {
  OCIv1: { config: ImageConfig };
  Docker: { config: ImageConfig };
};
const config: ImageConfig = { ...Docker.config, ...OCIv1.config };

const cloud = await startLocalAws({ port: 0, services: [(context) => createEcs(context, { startUpMs: 50 })] });
const { accessKeyId, secretAccessKey } = cloud.rootKey;
const client = { endpoint: cloud.url, region: cloud.region, credentials: { accessKeyId, secretAccessKey } };
const sqs = new SQSClient({ ...client, useQueueUrlAsEndpoint: false });
const ssm = new SSMClient(client);
const ecs = new ECSClient(client);
const aws = {
  AWS_ENDPOINT_URL: cloud.url,
  AWS_REGION: cloud.region,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
};

/** Processes to end at the end, whatever failed before. */
const running = new Set<ChildProcess>();

interface Running {
  child: ChildProcess;
  /** Milliseconds from the start of the process to each line of its log. */
  lines: { at: number; text: string }[];
  ended: Promise<number | null>;
  /** The process inside its namespace, as this machine numbers it. */
  pid: () => number | undefined;
}

/**
 * Starts a command in the image: own PID and mount namespaces, root file system bound read-only, the image's user,
 * variables and working directory. Nothing of this machine is seen but its network.
 */
function start(command: string[], env: Record<string, string> = {}): Running {
  const variables = [...config.Env, ...Object.entries({ ...aws, ...env }).map(([k, v]) => `${k}=${v}`)];
  const script = [
    'set -e; root=$1; shift',
    'mount --bind "$root" "$root"',
    'mount -t proc proc "$root/proc"',
    'mount -o remount,bind,ro "$root"',
    'exec "$@"',
  ].join('\n');
  const inside = [
    'chroot',
    `--userspec=${config.User}`,
    rootfs,
    '/usr/bin/env',
    '-i',
    `--chdir=${config.WorkingDir}`,
    ...variables,
  ];
  const started = performance.now();
  const child = spawn(
    'unshare',
    ['--pid', '--mount', '--fork', '--kill-child', 'sh', '-c', script, 'sh', rootfs, ...inside, ...command],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH ?? '' } },
  );
  running.add(child);
  const ended = new Promise<number | null>((resolve) =>
    child.on('close', (code) => {
      running.delete(child);
      resolve(code);
    }),
  );
  const lines: Running['lines'] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream! }).on('line', (text) => lines.push({ at: performance.now() - started, text }));
  return {
    child,
    lines,
    ended,
    pid: () => childOf(child.pid ?? 0),
  };
}

function childOf(pid: number): number | undefined {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? Number(readFileSync(file, 'utf8').trim().split(' ')[0]) || undefined : undefined;
}

/** The exit status; a process that does not end is a failure, not a wait. */
const statusOf = async ({ ended, lines }: Running): Promise<number | null> => {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`it did not end in ${DEADLINE_MS / 1_000} s\n${lines.map((l) => l.text).join('\n')}`)),
      DEADLINE_MS,
    );
  });
  return Promise.race([ended, deadline]).finally(() => clearTimeout(timer));
};

const saying = (running: Running, msg: string) => running.lines.find((l) => l.text.includes(`"msg":"${msg}"`));
const shown = (running: Running) => () => running.lines.map((l) => l.text).join('\n');
const size = (folder: string): number =>
  Number(execFileSync('du', ['-sxB1', folder], { encoding: 'utf8' }).split('\t')[0]);
const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

const checks: [string, () => Promise<void> | void][] = [];
const check = (name: string, run: () => Promise<void> | void): void => void checks.push([name, run]);
let reconciler: Running | undefined;

check('it says how to run it: not as root, no shell in its commands', () => {
  assert.match(config.User, /^[1-9]\d*:[1-9]\d*$/);
  assert.deepEqual(config.Entrypoint, ['node', '/app/main.js']);
  assert.deepEqual(config.Cmd, ['run']);
  assert.ok(
    !config.Env.some((e) => /CA_CERTS|TOKEN|KEY|SECRET/.test(e)),
    'nothing of the build is left in its variables',
  );
});

check('it holds the bundle and no more: no sources, no packages, no maps', () => {
  const app = join(rootfs, 'app');
  assert.deepEqual(readdirSync(app).sort(), ['LICENSE', 'dist', 'healthcheck.js', 'main.js', 'package.json']);
  assert.ok(!readdirSync(join(app, 'dist')).some((f) => f.endsWith('.map')), 'no source map');
  const own = size(rootfs) - size(baseRootfs);
  console.log(`size: ${mib(size(rootfs))}, of which Sluice ${mib(own)} and the base ${mib(size(baseRootfs))}`);
  assert.ok(own < 12 * 2 ** 20, `Sluice adds ${mib(own)} to its base`);
});

check('it decides after a cold start', async () => {
  const text = readFileSync(new URL('../../../policies/starter/threshold.yaml', import.meta.url), 'utf8')
    .replace('name: threshold', 'name: demo')
    .replace('my-queue', 'jobs')
    .replace('my-cluster', 'demo')
    .replace('my-workers', 'workers');
  await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  await ecs.send(new CreateClusterCommand({ clusterName: 'demo' }));
  const containerDefinitions = [{ name: 'w', image: 'w', memory: 64, command: ['sleep', '60'] }];
  await ecs.send(new RegisterTaskDefinitionCommand({ family: 'workers', containerDefinitions }));
  await ecs.send(
    new CreateServiceCommand({ cluster: 'demo', serviceName: 'workers', taskDefinition: 'workers', desiredCount: 1 }),
  );
  await ssm.send(new PutParameterCommand({ Name: '/sluice/policies/demo', Value: text, Type: 'String' }));
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    // The very first start reads everything from the disk.
    execFileSync('sync');
    reconciler = start([...config.Entrypoint, ...config.Cmd], { SLUICE_PORT: String(PORT) });
    const started = reconciler;
    const line = await until('a decision', () => saying(started, 'decision'), DEADLINE_MS, shown(started));
    times.push(line.at);
    if (i < 2) {
      process.kill(started.pid()!, 'SIGTERM');
      await statusOf(started);
    }
  }
  console.log(`cold start to the first decision: ${times.map((t) => `${Math.round(t)} ms`).join(', ')}`);
});

check('it acts: the service is brought to the least count of its policy', async () => {
  const { DescribeServicesCommand } = await import('@aws-sdk/client-ecs');
  const desired = async () =>
    (await ecs.send(new DescribeServicesCommand({ cluster: 'demo', services: ['workers'] }))).services?.[0]
      ?.desiredCount;
  await until('two workers', async () => (await desired()) === 2, DEADLINE_MS, shown(reconciler!));
  const status = await until(
    'the status parameter',
    () => ssm.send(new GetParameterCommand({ Name: '/sluice/status/demo' })).catch(() => undefined),
    DEADLINE_MS,
    shown(reconciler!),
  );
  assert.equal(JSON.parse(status.Parameter?.Value ?? '{}').observedGeneration, 1);
});

check('/healthz answers, and the health check of the image says so', async () => {
  const response = await fetch(`http://127.0.0.1:${PORT}/healthz`);
  assert.equal(response.status, 200);
  const healthy = start(['node', '/app/healthcheck.js'], { SLUICE_PORT: String(PORT) });
  assert.equal(await statusOf(healthy), 0, shown(healthy)());
  const ill = start(['node', '/app/healthcheck.js'], { SLUICE_PORT: '1' });
  assert.equal(await statusOf(ill), 1, 'nobody listens on port 1');
});

check('the page and what it loads are in the image', async () => {
  const page = await fetch(`http://127.0.0.1:${PORT}/`);
  assert.equal(page.status, 200);
  for (const [, path = ''] of (await page.text()).matchAll(/(?:src|href)="([^":]+)"/g)) {
    const { status } = await fetch(new URL(path, `http://127.0.0.1:${PORT}/`));
    assert.equal(status, 200, path);
  }
});

check('it is PID 1, not root, and cannot write to its disk', () => {
  const status = readFileSync(`/proc/${reconciler!.pid()}/status`, 'utf8');
  assert.match(status, /^NSpid:\t\d+\t1$/m);
  assert.match(status, /^Uid:\t65532\t65532\t65532\t65532$/m);
  const mounts = readFileSync(`/proc/${reconciler!.pid()}/mounts`, 'utf8');
  assert.match(mounts, /^\S+ \/ \S+ ro,/m);
});

check('SIGTERM ends it with status 0, well before ECS would kill it', async () => {
  const at = performance.now();
  process.kill(reconciler!.pid()!, 'SIGTERM');
  assert.equal(await statusOf(reconciler!), 0, shown(reconciler!)());
  const took = performance.now() - at;
  assert.ok(saying(reconciler!, 'stopped'), 'it says that it has stopped');
  assert.ok(took < 10_000, `${Math.round(took)} ms`);
  console.log(`shutdown: ${Math.round(took)} ms`);
});

check('a SIGTERM right after the start is not lost, though PID 1 has no default for it', async () => {
  const early = start([...config.Entrypoint, ...config.Cmd], { SLUICE_PORT: '0' });
  const pid = await until('the process', early.pid, DEADLINE_MS);
  // Before that no JavaScript runs, and Node's own handler raises the signal again, which PID 1 does not hear.
  await until(
    'our own first lines to run',
    () => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'sluice',
    DEADLINE_MS,
    shown(early),
  );
  process.kill(pid, 'SIGTERM');
  assert.equal(await statusOf(early), 0, shown(early)());
});

check('the demo worker is in it too, and works a message off', async () => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'image-jobs' }));
  await sqs.send(
    new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ id: 1, seconds: 0.1, sentAt: Date.now() }) }),
  );
  const worker = start([...config.Entrypoint, 'worker'], { QUEUE_URL: QueueUrl! });
  const left = async (): Promise<number> => {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }));
    return names.reduce((sum, name) => sum + Number(Attributes?.[name]), 0);
  };
  await until('an empty queue', async () => (await left()) === 0, DEADLINE_MS, shown(worker));
  process.kill(worker.pid()!, 'SIGTERM');
  assert.equal(await statusOf(worker), 0, shown(worker)());
});

let passed = 0;
let failed = 0;
for (const [name, run] of checks) {
  try {
    await run();
    passed++;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}\n${(error as Error).message}`);
  }
}
for (const child of running) {
  // The one inside has another user, which took it out of unshare's --kill-child.
  const inside = childOf(child.pid ?? 0);
  if (inside !== undefined) process.kill(inside, 'SIGKILL');
  child.kill('SIGKILL');
}
for (const each of [sqs, ssm, ecs]) each.destroy();
await cloud.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
