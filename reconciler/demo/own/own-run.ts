import { type Clients, createClients } from '../../aws/clients.ts';
import { ParameterStore } from '../../aws/parameters.ts';
import { escapeTerminal } from '../../text/escape-terminal.ts';
import { recordLine } from '../../text/record-line.ts';
import { color } from '../../text/terminal.ts';
import type { Cloud } from '../cloud.ts';
import { removeEnvFile, variablesOf, writeEnvFile } from '../env-file.ts';
import { storePolicy } from '../provision.ts';
import { PREFIX, superviseReconciler } from '../reconciler.ts';
import type { Supervisor } from '../supervise.ts';
import { Tally } from '../tally.ts';
import { Timers } from '../timers.ts';
import { untilSignal } from '../until-signal.ts';
import { isWorthShowing } from '../worth-showing.ts';
import { Exits } from './exits.ts';
import { ownGreeting } from './greeting.ts';
import { LoadProcess } from './load-process.ts';
import type { OwnPolicy } from './policy.ts';
import { deadLettersOf, provisionOwn } from './provision.ts';
import { accountsOfQueue, type QueueAccounts, totalOf } from './queue-accounts.ts';
import { type OwnAside, type OwnSummary, withLost } from './summary.ts';
import type { WorkerDefinition } from './task-definition.ts';
import { logFileOf, TASK_LOGS, TaskLogs } from './task-logs.ts';

export interface OwnOptions {
  worker: string;
  load: string | undefined;
  definition: WorkerDefinition;
  policy: OwnPolicy;
  /** Names. Sluice scales by the first one. */
  queues: readonly string[];
  /** Milliseconds that a received message is hidden; a worker may choose another time with each receive. */
  visibilityTimeout: number;
  port: number;
  /** Milliseconds; undefined runs until a signal. */
  duration: number | undefined;
  /** Longest time to process the queued messages at the end, in milliseconds. */
  drainTimeout: number;
  say: (line: string) => void;
}

const HEARTBEAT_MS = 10_000;
const DRAIN_POLL_MS = 200;
const LAST_LINES = 10;

/** One run of `sluice up --worker`: provisions, starts reconciler, workers and load, and counts by the queue until the end. */
export class OwnRun {
  readonly #options: OwnOptions;
  readonly #cloud: Cloud;
  readonly #aws: Clients;
  readonly #supervisor: Supervisor;
  readonly #tally = new Tally();
  readonly #timers = new Timers();
  readonly #logs = new TaskLogs();
  readonly #exits = new Exits();
  readonly #startedAt = Date.now();
  #load: LoadProcess | undefined;

  private constructor(options: OwnOptions, cloud: Cloud, aws: Clients) {
    const { say, port } = options;
    this.#options = options;
    this.#cloud = cloud;
    this.#aws = aws;
    cloud.onTaskOutput = (taskId, line) => this.#logs.write(taskId, line);
    cloud.onTaskStopped = (task) => {
      this.#logs.close(task.taskId);
      if (!task.byItself || this.#timers.ended) return;
      const lastLines = task.lastLines.slice(-LAST_LINES);
      for (const line of this.#exits.note({ ...task, lastLines, logFile: logFileOf(task.taskId) }))
        say(color.yellow(line));
    };
    this.#supervisor = superviseReconciler({
      cloud,
      port,
      taskLogs: TASK_LOGS,
      onRecord: (record) => {
        this.#tally.note(record);
        if (isWorthShowing(record)) say(recordLine(record));
      },
      onLine: (line) => say(escapeTerminal(line)),
      onRestart: (how) => say(color.yellow(how)),
    });
  }

  /** Provisions what the worker needs, and starts reconciler, load and counting. */
  static async start(cloud: Cloud, options: OwnOptions): Promise<OwnRun> {
    const { worker, definition, policy, queues, visibilityTimeout, port, duration, load, say } = options;
    const aws = createClients({ ...cloud.reach, requestTimeout: 10_000, buckets: new Map() });
    const run = new OwnRun(options, cloud, aws);
    const { cluster, service, minWorkers: desiredCount } = policy;
    const wanted = { worker, definition, cluster, service, queues, visibilityTimeout, desiredCount };
    const queueUrl = await provisionOwn(aws, wanted);
    await storePolicy(new ParameterStore(aws, PREFIX), policy.name, policy.text, true);
    writeEnvFile(cloud.reach);
    say(
      ownGreeting({
        ...{ worker, queueUrl, queues, cluster, service, port, duration },
        policy: policy.name,
        endpoint: cloud.reach.endpoint,
        hasLoad: load !== undefined,
        experiments: policy.experiments,
        notes: [...policy.notes, ...definition.notes],
      }),
    );
    run.#begin(queueUrl);
    return run;
  }

  #begin(queueUrl: string): void {
    const { load: command, queues, say } = this.#options;
    this.#timers.every(HEARTBEAT_MS, () => say(color.dim(this.#heartbeat())));
    if (command === undefined) return;
    this.#load = new LoadProcess({
      command,
      env: { ...process.env, ...variablesOf(this.#cloud.reach), QUEUE_URL: queueUrl, QUEUE_NAME: queues[0] },
      onLine: (line) => say(color.dim(`load: ${escapeTerminal(line)}`)),
      onEnd: (how) => say(color.dim(`the load has ended (${how})`)),
    });
  }

  /** Resolves when the duration is over, or on a signal. Rejects with UserError when the reconciler does not start. */
  async untilEnd(): Promise<void> {
    const { duration, say } = this.#options;
    await Promise.race([untilSignal(this.#timers, duration, say), this.#supervisor.gaveUp]);
  }

  /** Stops the load, waits until the queues are empty or the drain timeout is over, and adds up. */
  async finish(): Promise<{ summary: OwnSummary; aside: OwnAside }> {
    this.#timers.end();
    await this.#load?.stop();
    const deadline = Date.now() + this.#options.drainTimeout;
    const left = (): number => this.#accounts().reduce((sum, each) => sum + totalOf(each.left), 0);
    while (left() > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
    await this.#supervisor.stop();
    const { scaleUps, scaleDowns, policyVersion, workers = { min: 0, max: 0 }, experiments } = this.#tally;
    const { firstDecisionAt, firstScaleUpAt } = this.#tally;
    const summary = {
      queues: this.#accounts().map(withLost),
      exits: this.#exits.count,
      ...{ workers, scaleUps, scaleDowns, policyVersion, experiments },
    };
    const since = (at: number | undefined): number | undefined =>
      at === undefined ? undefined : (at - this.#startedAt) / 1_000;
    const aside = {
      restarts: this.#supervisor.restarts,
      firstDecision: since(firstDecisionAt),
      firstScaleUp: since(firstScaleUpAt),
    };
    return { summary, aside };
  }

  /** Ends everything that was started, in whatever state it is. */
  async close(): Promise<void> {
    this.#timers.end();
    await this.#load?.stop();
    await this.#supervisor.stop();
    this.#logs.closeAll();
    this.#aws.destroy();
    removeEnvFile(this.#cloud.reach);
  }

  #accounts(): QueueAccounts[] {
    const { queueTotals, messages } = this.#cloud;
    return this.#options.queues.map((queue) =>
      accountsOfQueue({
        queue,
        now: Date.now(),
        totals: queueTotals(queue),
        messages: messages(queue),
        deadLettered: messages(deadLettersOf(queue)).length,
      }),
    );
  }

  #heartbeat(): string {
    const seconds = Math.round((Date.now() - this.#startedAt) / 1_000);
    const queues = this.#accounts().map(({ queue, sent, deleted, redelivered }) => {
      const again = redelivered > 0 ? `, ${redelivered} redelivered` : '';
      return `${queue}: ${sent} sent, ${deleted} deleted${again}`;
    });
    return `after ${seconds} s: ${queues.join('; ')}; ${this.#cloud.workerPids().length} workers running`;
  }
}
