import { fileURLToPath } from 'node:url';
import type { Load } from '../../examples/load/load.ts';
import { formatDuration } from '../../policies/grammar/duration.ts';
import { type Clients, createClients } from '../aws/clients.ts';
import { ParameterStore } from '../aws/parameters.ts';
import { escapeTerminal } from '../text/escape-terminal.ts';
import type { LogRecord } from '../text/log-record.ts';
import { recordLine } from '../text/record-line.ts';
import { color } from '../text/terminal.ts';
import { accountsOf } from './accounts.ts';
import type { Cloud } from './cloud.ts';
import { removeEnvFile, writeEnvFile } from './env-file.ts';
import { scheduleEvents } from './events.ts';
import { greeting } from './greeting.ts';
import { Ledger } from './ledger.ts';
import { leftIn } from './own/queue-accounts.ts';
import { NAMES, type Provisioned, provision, storePolicy } from './provision.ts';
import { PREFIX, superviseReconciler } from './reconciler.ts';
import type { Scenario } from './scenario.ts';
import { loadOf } from './send-load.ts';
import type { Aside, Summary } from './summary.ts';
import type { Supervisor } from './supervise.ts';
import { Tally } from './tally.ts';
import { Timers } from './timers.ts';
import { untilSignal } from './until-signal.ts';
import { isWorthShowing } from './worth-showing.ts';

export interface DemoPolicy {
  name: string;
  text: string;
  /** True: replaces a stored policy. False: a stored policy stays. */
  replace: boolean;
  minWorkers: number;
}

export interface DemoOptions {
  cloud: Cloud;
  /** Names the jobs of this run. */
  run: string;
  scenario: Scenario;
  policy: DemoPolicy;
  port: number;
  /** Milliseconds; undefined runs until a signal. */
  duration: number | undefined;
  /** Longest time to process the queued jobs at the end, in milliseconds. */
  drainTimeout: number;
  seed: number;
  say: (line: string) => void;
}

const LOAD_TICK_MS = 100;
const HEARTBEAT_MS = 10_000;
const DRAIN_POLL_MS = 100;
/** The demo worker, built beside this file. */
const WORKER_FILE = fileURLToPath(new URL('./worker.js', import.meta.url));

/** One run of the demo: provisions, starts the reconciler and the load, and keeps count until the end. */
export class Demo {
  readonly #options: DemoOptions;
  readonly #aws: Clients;
  readonly #load: Load;
  readonly #ledger: Ledger;
  readonly #reading: Promise<void>;
  readonly #supervisor: Supervisor;
  readonly #tally = new Tally();
  readonly #timers = new Timers();
  readonly #startedAt = Date.now();

  private constructor(options: DemoOptions, aws: Clients, queues: Provisioned) {
    const { cloud, run, scenario, port, seed, say } = options;
    this.#options = options;
    this.#aws = aws;
    this.#supervisor = superviseReconciler({
      cloud,
      port,
      onRecord: (record) => this.#note(record),
      onLine: (line) => say(escapeTerminal(line)),
      onRestart: (how) => say(color.yellow(how)),
    });
    this.#load = loadOf({
      sqs: aws.sqs,
      queueUrl: queues.queueUrl,
      run,
      scenario,
      seed,
      onProblem: (message) =>
        say(color.yellow(`the load could not be sent; Sluice sends it again: ${escapeTerminal(message)}`)),
    });
    this.#ledger = new Ledger(aws, queues.resultsUrl, run);
    this.#reading = this.#ledger.run();
  }

  /** Provisions what the demo needs, and starts reconciler, load, events and counting. */
  static async start(options: DemoOptions): Promise<Demo> {
    const { cloud, scenario, policy, port, duration, say } = options;
    const aws = createClients({ ...cloud.reach, requestTimeout: 10_000, buckets: new Map() });
    const queues = await provision(aws, scenario, WORKER_FILE, policy.minWorkers);
    await storePolicy(new ParameterStore(aws, PREFIX), policy.name, policy.text, policy.replace);
    writeEnvFile(cloud.reach);
    const demo = new Demo(options, aws, queues);
    demo.#schedule();
    say(greeting({ scenario, policy: policy.name, endpoint: cloud.reach.endpoint, port, duration }));
    return demo;
  }

  #schedule(): void {
    const { cloud, scenario, policy, seed, say } = this.#options;
    const { workerPids } = cloud;
    this.#timers.every(LOAD_TICK_MS, () => void this.#load.tick());
    this.#timers.every(HEARTBEAT_MS, () => say(color.dim(this.#heartbeat())));
    scheduleEvents(this.#timers, { aws: this.#aws, policy: policy.name, scenario, seed, workerPids, say });
  }

  /**
   * Resolves when the duration is over, or on the first SIGINT or SIGTERM; a second one ends the process at once. Rejects
   * with UserError when the reconciler does not start.
   */
  async untilEnd(): Promise<void> {
    const { duration, say } = this.#options;
    await Promise.race([untilSignal(this.#timers, duration, say), this.#supervisor.gaveUp]);
  }

  /** Stops the load, waits until the queue is empty or the drain timeout is over, and adds up. */
  async finish(): Promise<{ summary: Summary; aside: Aside }> {
    this.#timers.end();
    await this.#load.finish();
    const deadline = Date.now() + this.#options.drainTimeout;
    while (this.#ledger.processed.size < this.#load.sent.size && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
    await this.#supervisor.stop();
    this.#ledger.stop();
    await this.#reading;
    return this.#summary();
  }

  #summary(): { summary: Summary; aside: Aside } {
    const { cloud, run } = this.#options;
    // Results that were not read yet are of jobs that were processed.
    for (const body of cloud.bodies(NAMES.results)) this.#ledger.count(body);
    const { duplicates, processed, others } = this.#ledger;
    const bodies = [NAMES.queue, NAMES.deadLetters].flatMap(cloud.bodies);
    const accounts = accountsOf({ run, sent: this.#load.sent, processed, bodies });
    const {
      scaleUps,
      scaleDowns,
      policyVersion,
      workers = { min: 0, max: 0 },
      firstDecisionAt,
      experiments,
    } = this.#tally;
    const summary: Summary = {
      sent: accounts.sent,
      processed: accounts.processed,
      duplicates,
      lost: accounts.lost,
      others: others + accounts.others,
      wait: this.#ledger.waits(),
      workers,
      scaleUps,
      scaleDowns,
      policyVersion,
      experiments,
    };
    const firstDecision = firstDecisionAt === undefined ? undefined : (firstDecisionAt - this.#startedAt) / 1_000;
    const left = leftIn(cloud.messages(NAMES.queue), Date.now());
    const deadLettered = cloud.messages(NAMES.deadLetters).length;
    return { summary, aside: { left, deadLettered, restarts: this.#supervisor.restarts, firstDecision } };
  }

  /** Ends everything that was started, in whatever state it is. */
  async close(): Promise<void> {
    this.#timers.end();
    this.#ledger.stop();
    await this.#supervisor.stop();
    this.#aws.destroy();
    removeEnvFile(this.#options.cloud.reach);
  }

  #note(record: LogRecord): void {
    this.#tally.note(record);
    if (isWorthShowing(record)) this.#options.say(recordLine(record));
  }

  #heartbeat(): string {
    const after = formatDuration(Math.round((Date.now() - this.#startedAt) / 1_000) * 1_000);
    const { processed, duplicates } = this.#ledger;
    const twice = duplicates > 0 ? `, ${duplicates} processed twice` : '';
    const workers = this.#options.cloud.workerPids().length;
    return `after ${after}: ${this.#load.sent.size} jobs sent, ${processed.size} processed${twice}, ${workers} workers running`;
  }
}
