/** `sluice up` as a user has it: real processes, other people's clients, and things that break. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DescribeServicesCommand, DescribeTasksCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { test } from 'uvu';
import { isAlive, until } from '../support/until.ts';
import { clientOf, scenario, startUp, type UpRun } from '../support/up.ts';

const NAME = '/sluice/policies/demo';

const BASE = `
interval: 1s
scaling:
  minWorkers: 2
  maxWorkers: 6
  strategies: [{ type: threshold }]
  scaleUp: { cooldown: 1s }
  scaleDown: { cooldown: 1s }
`;

function handles(up: UpRun) {
  const ecs = new ECSClient(clientOf(up));
  const ssm = new SSMClient(clientOf(up));
  return {
    service: async () =>
      (await ecs.send(new DescribeServicesCommand({ cluster: 'demo', services: ['workers'] }))).services![0]!,
    taskArns: async () => (await ecs.send(new ListTasksCommand({ cluster: 'demo', serviceName: 'workers' }))).taskArns!,
    tasks: async (tasks: string[]) => (await ecs.send(new DescribeTasksCommand({ cluster: 'demo', tasks }))).tasks!,
    text: async () => (await ssm.send(new GetParameterCommand({ Name: NAME }))).Parameter!.Value!,
    put: (Value: string) => ssm.send(new PutParameterCommand({ Name: NAME, Value, Overwrite: true })),
    remove: () => ssm.send(new DeleteParameterCommand({ Name: NAME })),
    status: async () =>
      JSON.parse(
        (await ssm.send(new GetParameterCommand({ Name: '/sluice/status/demo' }))).Parameter!.Value!,
      ) as StatusShape,
  };
}

interface StatusShape {
  observedGeneration: number;
  conditions: { type: string; status: string; message: string }[];
  lastScaleUp?: { at: string; from: number; to: number };
}

/** Resolves to the value of a read, or to undefined while there is nothing to read. */
const stored = <T>(read: () => Promise<T>): Promise<T | undefined> => read().catch(() => undefined);

/** The log's records of one run. */
function records(up: UpRun): {
  msg: string;
  time: string;
  pid?: number;
  url?: string;
  results?: { outcome: string; action: { kind: string; from: number; desiredCount: number } }[];
}[] {
  return readFileSync(join(up.cwd, '.sluice', 'sluice.log'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => {
      const { record, ...rest } = JSON.parse(line) as { record?: string };
      return { ...rest, ...(record === undefined ? {} : JSON.parse(record)) } as ReturnType<typeof records>[number];
    });
}

const lastStart = (up: UpRun) =>
  records(up)
    .filter((r) => r.msg === 'started')
    .at(-1);
const reconcilerPid = (up: UpRun): number => lastStart(up)!.pid!;

/** Ticks that the running reconciler has made, as its metrics count them; 0 before it has started. */
async function ticks(up: UpRun): Promise<number> {
  const start = lastStart(up);
  if (!start) return 0;
  const metrics = await (await fetch(`${start.url!}/metrics`)).text();
  return [...metrics.matchAll(/^sluice_ticks_total\{.*\} (\d+)$/gm)].reduce((sum, m) => sum + Number(m[1]), 0);
}

function e2e(name: string, spec: Parameters<typeof startUp>[0], body: (up: UpRun) => Promise<void>): void {
  test(name, async () => {
    const up = await startUp(spec);
    try {
      await body(up);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n--- output of sluice up\n${up.output().slice(-4_000)}`);
    } finally {
      await up.cleanUp();
    }
  });
}

e2e(
  'a live edit by another client changes the fleet within two intervals; a broken one changes nothing; deletion lets go',
  { scenario: scenario(0, BASE) },
  async (up) => {
    const { service, text, put, remove, status } = handles(up);
    await until('two workers', async () => (await service()).runningCount === 2);
    const good = await text();
    const before = await until('the first tick', () => ticks(up));
    await put(good.replace('minWorkers: 2', 'minWorkers: 4'));
    await until('the edit to take effect', async () => (await service()).desiredCount === 4);
    // The poll comes once in a tick, and the next tick acts; one more may end while this test looks.
    const passed = (await ticks(up)) - before;
    assert.ok(passed <= 4, `the edit took effect after ${passed} ticks`);

    await put(good.replace('maxWorkers', 'maxWorker'));
    const refused = await until('the refusal in the status', async () =>
      (await status()).conditions.find((c) => c.type === 'PolicyValid' && c.status === 'False'),
    );
    assert.match(
      refused.message,
      /version 3 refused: demo:\d+:\d+ spec\.scaling\.maxWorker: unknown field \(did you mean maxWorkers\?\); version 2 stays in force/,
    );
    const shown = await up.sluice('status');
    assert.equal(shown.status, 0, shown.stderr);
    assert.match(shown.stdout, /2 of 3 [\s\S]*did you mean maxWorkers/);
    assert.equal((await service()).desiredCount, 4);

    await put(good.replace('minWorkers: 2', 'minWorkers: 3').replace('maxWorkers: 6', 'maxWorkers: 3'));
    await until('the next good edit to heal it', async () => (await service()).desiredCount === 3);
    await until(
      'the status to be valid again',
      async () =>
        (await status()).observedGeneration === 4 &&
        (await status()).conditions.every((c) => c.type !== 'PolicyValid' || c.status === 'True'),
    );

    await remove();
    await until('the policy to be let go', async () =>
      (await status()).conditions.some((c) => c.message.includes('keeps its count')),
    );
    assert.equal((await service()).desiredCount, 3);
  },
);

e2e(
  'SIGINT: the load stops, the queue is worked off, the summary is the last line, nothing is left',
  { scenario: scenario(4, BASE) },
  async (up) => {
    await until('jobs to be processed', () => /[1-9]\d* processed/.test(up.output()));
    const pids = [reconcilerPid(up)];
    up.child.kill('SIGINT');
    const { status, summary } = await up.ended;
    assert.equal(status, 0);
    const { sent, processed, lost } = summary as { sent: number; processed: number; lost: number };
    assert.ok(sent > 10 && processed === sent, `${processed} of ${sent}`);
    assert.equal(lost, 0);
    assert.deepEqual(Object.keys(summary!), [
      'sent',
      'processed',
      'duplicates',
      'lost',
      'others',
      'wait',
      'workers',
      'scaleUps',
      'scaleDowns',
      'policyVersion',
      'experiments',
    ]);
    assert.deepEqual(pids.filter(isAlive), []);
  },
);

e2e(
  'kill -9 of a worker: replaced, its job done again, nothing lost',
  {
    scenario: scenario(3, BASE, 'visibilityTimeout: 3s\nevents: [{ at: 3s, every: 4s, kill: worker }]'),
    args: ['--duration', '14s'],
  },
  async (up) => {
    const { status, summary } = await up.ended;
    assert.equal(status, 0, up.output());
    const { sent, processed, lost } = summary as { sent: number; processed: number; lost: number };
    assert.ok(up.output().includes('kill -9'), 'a worker was killed');
    assert.ok(sent > 30 && processed === sent, `${processed} of ${sent}`);
    assert.equal(lost, 0);
  },
);

e2e(
  'kill -9 of the reconciler: started again, cooldown kept, nothing done twice',
  {
    scenario: scenario(40, BASE.replace('scaleUp: { cooldown: 1s }', 'scaleUp: { cooldown: 10m }')),
    args: ['--drain-timeout', '0s'],
  },
  async (up) => {
    const { service, status } = handles(up);
    await until('the one scale-up', async () => (await service()).desiredCount === 3);
    const writes = () => records(up).flatMap((r) => r.results ?? []);
    await until('the scale-up in the log', () => writes().length > 0);
    const before = await until('the scale-up in the status', async () => (await stored(status))?.lastScaleUp);
    const victim = reconcilerPid(up);
    process.kill(victim, 'SIGKILL');
    await until('a new reconciler', () => reconcilerPid(up) !== victim);
    await until('five ticks of it', async () => (await ticks(up)) >= 5);
    assert.equal((await service()).desiredCount, 3, 'no second scale-up within the cooldown');
    assert.deepEqual((await status()).lastScaleUp, before);
    assert.equal(writes().length, 1);
  },
);

e2e(
  'kill -9 of sluice up itself: no worker and no reconciler outlives it',
  { scenario: scenario(2, BASE) },
  async (up) => {
    const { service, taskArns } = handles(up);
    await until('two workers', async () => (await service()).runningCount === 2);
    assert.equal((await taskArns()).length, 2);
    const children = readFileSync(`/proc/${up.child.pid}/task/${up.child.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .map(Number);
    assert.ok(children.length >= 3, `reconciler and two workers: ${children}`);
    up.child.kill('SIGKILL');
    await until(
      'all of its processes to be gone',
      () => children.every((pid) => !isAlive(pid)),
      30_000,
      () => `alive: ${children.filter(isAlive)}`,
    );
  },
);

for (const flag of ['--endpoint-port', '--port'])
  test(`${flag} that is taken: told before anything starts`, async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const up = await startUp({ scenario: 'steady', args: [flag, String(port)] });
    const { status } = await up.ended;
    assert.equal(status, 1);
    assert.match(up.output(), new RegExp(`error: port ${port} is in use by another program; nothing was started`));
    assert.ok(up.output().includes(`choose another port with ${flag}`), up.output());
    assert.ok(!existsSync(join(up.cwd, '.sluice', 'env')), 'no environment file is left');
    await up.cleanUp();
    server.close();
  });

const FREE_PORTS = ['--port', '0', '--endpoint-port', '0', '--json'];

e2e(
  'a second run in the same folder is refused by the process id of the first, which stays as it was',
  { scenario: scenario(2, BASE) },
  async (up) => {
    const env = readFileSync(join(up.cwd, '.sluice', 'env'), 'utf8');
    const second = await up.sluice('up', ...FREE_PORTS, '--duration', '5s');
    assert.equal(second.status, 1);
    assert.match(second.stderr, new RegExp(`error: process ${up.child.pid} already uses the folder \\.sluice`));
    assert.equal(readFileSync(join(up.cwd, '.sluice', 'env'), 'utf8'), env);
    assert.equal((await up.sluice('status', '--local')).status, 0, 'the first still answers');
  },
);

e2e(
  'kill -9 of sluice up that keeps its state, and a restart: jobs of the first run are counted apart, none of the second is lost',
  {
    scenario: scenario(30, BASE),
    args: ['--state', 'state'],
    files: { 'second.yaml': scenario(3, BASE.replaceAll('cooldown: 1s', 'cooldown: 2s')) },
  },
  async (up) => {
    await until('jobs of the first run', () => /[1-9]\d* processed/.test(up.output()));
    up.child.kill('SIGKILL');
    await up.ended;
    const second = await up.sluice(
      'up',
      ...FREE_PORTS,
      '--state',
      'state',
      '--scenario',
      'second.yaml',
      '--duration',
      '8s',
    );
    assert.equal(second.status, 0, second.stderr);
    const summary = JSON.parse(second.stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>;
    assert.ok(summary.sent! > 10, second.stdout);
    assert.deepEqual([summary.processed, summary.lost], [summary.sent, 0], second.stdout);
    assert.ok(summary.others! > 0, `messages of the first run: ${second.stdout}`);
  },
);

test.run();
