/**
 * The whole life of a worker under Sluice, as a user starts it with `sluice up --worker`: 300 jobs in bursts, 1 to n to 1
 * workers, one of them killed with -9, a partition of 15 s, a drain, a new task definition. Every message is accounted for.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { test } from 'uvu';
import { random } from '../../../policies/grammar/random.ts';
import { missing } from '../../support/tools.ts';
import { until } from '../../support/until.ts';
import { clientOf, startUp, type UpRun } from '../../support/up.ts';
import { BOTO3, CELERY, type Kind, PATH, TASKIQ, TASKIQ_FIFO } from './kinds.ts';

/** Seconds. Short, so that the job of the killed worker comes back while the test still watches. */
const VISIBILITY = 20;
/**
 * Refusals that end by themselves: the cooldown of one second after the experiment before, and a reading that a busy machine
 * did not answer within half a second.
 */
const NOT_NOW = /cooldown|refused .*could not be read/;
const SERVICE = { cluster: 'local', service: 'workers' };

const policy = (queue: string, concurrency: number): string => `apiVersion: sluice/v1
kind: WorkerPolicy
metadata: { name: workers }
spec:
  mode: enforce
  queue: { name: ${queue} }
  service: { cluster: local, name: workers }
  interval: 1s
  scaling:
    minWorkers: 1
    maxWorkers: 3
    concurrency: ${concurrency}
    strategies: [{ type: backlogPerWorker, target: ${concurrency * 6} }]
    scaleUp: { cooldown: 2s }
    scaleDown: { cooldown: 2s, stabilizationWindow: 4s, keepInFlight: true }
  chaos:
    enabled: true
    cooldown: 1s
    experiments:
      - { name: cut-off, fault: { type: partition, duration: 15s }, hypothesis: { recoversWithin: 120s } }
      - { name: drain-all, fault: { type: drain, hold: 5s }, hypothesis: { recoversWithin: 120s } }
`;

interface Queue {
  sent: number;
  received: number;
  deleted: number;
  redelivered: number;
  deadLettered: number;
  lost: number;
  left: { visible: number; delayed: number; inFlight: number };
}

class Life {
  readonly #kind: Kind;
  readonly #run: UpRun;
  readonly #queue: string;
  readonly #sqs: SQSClient;
  readonly #ecs: ECSClient;
  readonly #chance = random(1);
  #sent = 0;

  constructor(kind: Kind, run: UpRun, queue: string) {
    this.#kind = kind;
    this.#run = run;
    this.#queue = queue;
    this.#sqs = new SQSClient(clientOf(run));
    this.#ecs = new ECSClient(clientOf(run));
  }

  /** Sends a burst of jobs of 0.2 to 0.6 seconds. */
  async send(jobs: number): Promise<void> {
    const QueueUrl = `${this.#run.env.AWS_ENDPOINT_URL}/000000000000/${this.#queue}`;
    for (let left = jobs; left > 0; left -= 10) {
      const Entries = Array.from({ length: Math.min(10, left) }, (_, i) => {
        const id = String(this.#sent++);
        const MessageBody = this.#kind.body(0.2 + 0.4 * this.#chance(), this.#queue);
        return {
          Id: String(i),
          MessageBody,
          ...(this.#kind.fifo ? { MessageGroupId: id, MessageDeduplicationId: id } : {}),
        };
      });
      await this.#sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    }
  }

  async service() {
    const { services = [] } = await this.#ecs.send(
      new DescribeServicesCommand({ cluster: SERVICE.cluster, services: [SERVICE.service] }),
    );
    return services[0]!;
  }

  workers(least: number, deadlineMs = 90_000): Promise<unknown> {
    const enough = async (): Promise<boolean> => ((await this.service()).runningCount ?? 0) >= least;
    return until(`${least} workers`, enough, deadlineMs, this.#run.output);
  }

  /** Kills the worker that has run the longest with -9: a child of `sluice up` that is not its reconciler. */
  kill(): void {
    const pid = childrenOf(this.#run.child.pid!).find((each) => !commandOf(each).includes('sluice.js'));
    assert.ok(pid, 'a worker runs');
    process.kill(pid, 'SIGKILL');
  }

  async experiment(name: string): Promise<void> {
    const ask = async (): Promise<string | undefined> => {
      const { stdout, stderr } = await this.#run.sluice('chaos', 'run', name, '--local', '--wait');
      return NOT_NOW.test(stdout + stderr) ? undefined : stdout + stderr;
    };
    const said = await until(`${name} to be accepted`, ask, 90_000, this.#run.output);
    assert.match(said, /passed/, `${name}: ${said}\n${this.#run.output()}`);
  }

  async deploy(): Promise<void> {
    const { taskDefinition } = await this.#ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'workers' }));
    const { family, containerDefinitions, taskRoleArn, requiresCompatibilities, networkMode, cpu, memory } =
      taskDefinition!;
    const next = { family, containerDefinitions, taskRoleArn, requiresCompatibilities, networkMode, cpu, memory };
    await this.#ecs.send(new RegisterTaskDefinitionCommand(next));
    await this.#ecs.send(new UpdateServiceCommand({ ...SERVICE, taskDefinition: 'workers' }));
    const isDone = async (): Promise<boolean> => (await this.service()).deployments?.length === 1;
    await until('the deployment to be over', isDone, 120_000, this.#run.output);
  }

  async backToOne(): Promise<void> {
    const isOne = async (): Promise<boolean> => (await this.service()).desiredCount === 1;
    await until('one worker again', isOne, 90_000, this.#run.output);
  }

  close(): void {
    this.#sqs.destroy();
    this.#ecs.destroy();
  }
}

/** Runs one kind of worker through its life and returns what the summary says. */
async function live(kind: Kind): Promise<{ queue: Queue; scaleUps: number; scaleDowns: number }> {
  const queue = kind.fifo ? 'jobs.fifo' : 'jobs';
  const variables = Object.entries({
    ...kind.environment({ name: queue, url: '' }),
    PYTHONDONTWRITEBYTECODE: '1',
    VISIBILITY_TIMEOUT: String(VISIBILITY),
    PATH,
  });
  // The queue's URL comes from Sluice itself.
  const env = variables.filter(([name]) => name !== 'QUEUE_URL').map(([name, value]) => `'${name}=${value}'`);
  const run = await startUp({
    scenario: 'tour',
    files: { 'policy.yaml': policy(queue, kind.concurrency) },
    args: [
      ...['--worker', `cd '${kind.cwd}' && exec env ${env.join(' ')} ${kind.command.join(' ')}`],
      // TaskIQ's app registers two queues.
      ...['--policy', 'policy.yaml', '--queue', queue, 'other', 'other.fifo'],
      ...['--visibility-timeout', `${VISIBILITY}s`, '--drain-timeout', '90s'],
    ],
  });
  const life = new Life(kind, run, queue);
  try {
    await life.workers(1);
    await life.send(100);
    await life.workers(2);
    life.kill();
    await life.send(60);
    await life.experiment('cut-off');
    await life.send(60);
    await life.experiment('drain-all');
    await life.send(80);
    await life.workers(2);
    await life.deploy();
    await life.backToOne();
    run.child.kill('SIGTERM');
    const { status, summary } = await run.ended;
    assert.equal(status, 0, run.output());
    const { queues, scaleUps, scaleDowns } = summary as { queues: (Queue & { queue: string })[] } & Record<
      'scaleUps' | 'scaleDowns',
      number
    >;
    return { queue: queues.find((each) => each.queue === queue)!, scaleUps, scaleDowns };
  } finally {
    life.close();
    await run.cleanUp();
  }
}

const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(Number(name)) === pid)
    .map(Number);

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(join('/proc', String(pid), 'stat'), 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

const commandOf = (pid: number): string => readFileSync(join('/proc', String(pid), 'cmdline'), 'utf8');

const runs = [BOTO3, TASKIQ, TASKIQ_FIFO, CELERY].map((kind) => {
  const outcome = kind.here().then((here) => (here ? live(kind) : undefined));
  // Each test reports its own run's failure.
  outcome.catch(() => {});
  return { kind, outcome };
});

for (const { kind, outcome } of runs)
  test(`${kind.name}: scaled, killed, cut off, drained, deployed; every message is accounted for`, async () => {
    const seen = await outcome;
    if (!seen) return missing(`Python with ${kind.name}'s packages`, 'it does not run under Sluice');
    const { queue, scaleUps, scaleDowns } = seen;
    const { sent, deleted, deadLettered, lost, left } = queue;
    assert.deepEqual({ sent, deleted, deadLettered, lost }, { sent: 300, deleted: 300, deadLettered: 0, lost: 0 });
    assert.equal(left.visible + left.delayed + left.inFlight, 0);
    assert.ok(scaleUps >= 1 && scaleDowns >= 1, `${scaleUps} scale-ups, ${scaleDowns} scale-downs`);
  });

test.run();
