import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GetQueueAttributesCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { type Job, Load } from '../../examples/load/load.ts';
import { serviceTime } from '../../examples/load/service-time.ts';
import { formatDuration } from '../../policies/grammar/duration.ts';
import { random } from '../../policies/grammar/random.ts';
import { type Clients, createClients } from '../aws/clients.ts';
import { ParameterStore } from '../aws/parameters.ts';
import { requestChaos } from '../cli/chaos/ask.ts';
import { ENV_FILE } from '../cli/connect.ts';
import { color } from '../cli/io.ts';
import { LOG_FILE, parseRecord } from '../cli/log-record.ts';
import { recordLine } from '../cli/logs.ts';
import { Ledger } from './ledger.ts';
import { NAMES, type Provisioned, provision, storePolicy } from './provision.ts';
import type { Scenario } from './scenario.ts';
import type { Aside, Summary } from './summary.ts';
import { Supervisor } from './supervise.ts';
import { Tally } from './tally.ts';

/** The embedded AWS, as far as the demo needs it. */
export interface Cloud {
  url: string;
  region: string;
  rootKey: { accessKeyId: string; secretAccessKey: string };
  /** Credentials of a role whose policy is enforced; without them the reconciler is root. */
  reconcilerKey?: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /** Process ids of the workers that run. */
  workerPids: () => number[];
  close: () => Promise<void>;
}

export interface DemoOptions {
  cloud: Cloud;
  scenario: Scenario;
  policy: { name: string; text: string; replace: boolean; minWorkers: number };
  port: number;
  duration: number | undefined;
  drainTimeout: number;
  seed: number;
  say: (line: string) => void;
}

const LOAD_TICK_MS = 100;
const HEARTBEAT_MS = 10_000;
const PREFIX = '/sluice/policies/';

/** One run of the demo: provisions, starts the reconciler and the load, and keeps count until the end. */
export class Demo {
  readonly #options: DemoOptions;
  readonly #aws: Clients;
  readonly #tally = new Tally();
  readonly #startedAt = Date.now();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #choose: () => number;
  #queues: Provisioned | undefined;
  #load: Load | undefined;
  #ledger: Ledger | undefined;
  #reading: Promise<void> | undefined;
  #supervisor: Supervisor | undefined;

  constructor(options: DemoOptions) {
    const { cloud, seed } = options;
    this.#options = options;
    this.#choose = random(seed + 1);
    // The reconciler, the workers and this process's own clients all sign with the run's keys.
    Object.assign(process.env, environmentOf(cloud));
    for (const name of [
      'AWS_PROFILE',
      'AWS_SESSION_TOKEN',
      'AWS_ENDPOINT_URL_SQS',
      'AWS_ENDPOINT_URL_ECS',
      'AWS_ENDPOINT_URL_SSM',
    ])
      delete process.env[name];
    this.#aws = createClients({
      endpoint: cloud.url,
      region: cloud.region,
      requestTimeout: 10_000,
      buckets: new Map(),
    });
  }

  async start(): Promise<void> {
    const { cloud, scenario, policy } = this.#options;
    const workerFile = fileURLToPath(new URL('./worker.js', import.meta.url));
    this.#queues = await provision(this.#aws, scenario, workerFile, policy.minWorkers);
    await storePolicy(new ParameterStore(this.#aws, PREFIX), policy.name, policy.text, policy.replace);
    writeEnvFile(cloud);
    this.#startReconciler();
    this.#startLoad(this.#queues);
    this.#ledger = new Ledger(this.#aws, this.#queues.resultsUrl);
    this.#reading = this.#ledger.run();
    this.#greet();
  }

  /** Resolves when the duration is over, or on the first SIGINT or SIGTERM; a second one ends the process at once. */
  untilEnd(): Promise<void> {
    const { duration, say } = this.#options;
    return new Promise((resolve) => {
      if (duration !== undefined) this.#timers.push(setTimeout(resolve, duration));
      for (const signal of ['SIGINT', 'SIGTERM'] as const)
        process.on(signal, () => {
          if (this.#ending) process.exit(130);
          this.#ending = true;
          say(color.dim(`\n${signal}: the load stops, what is queued is worked off (again to end at once)`));
          resolve();
        });
    });
  }
  #ending = false;

  /** Stops the load, waits for the queue to be worked off, and adds up. */
  async finish(): Promise<{ summary: Summary; aside: Aside }> {
    this.#ending = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const load = this.#load!;
    const ledger = this.#ledger!;
    await load.finish();
    const deadline = Date.now() + this.#options.drainTimeout;
    while (ledger.processed < load.sent && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await this.#supervisor?.stop();
    ledger.stop();
    await this.#reading;
    const left = load.sent - ledger.processed;
    const unfinished = left > 0 ? Math.min(left, await this.#stillQueued()) : 0;
    const { scaleUps, scaleDowns, policyVersion, workers = { min: 0, max: 0 }, firstDecisionAt } = this.#tally;
    const summary: Summary = {
      sent: load.sent,
      processed: ledger.processed,
      duplicates: ledger.duplicates,
      lost: left - unfinished,
      wait: ledger.waits(),
      workers,
      scaleUps,
      scaleDowns,
      policyVersion,
      experiments: this.#tally.experiments,
    };
    const firstDecision = firstDecisionAt === undefined ? undefined : (firstDecisionAt - this.#startedAt) / 1_000;
    return { summary, aside: { unfinished, restarts: this.#supervisor?.restarts ?? 0, firstDecision } };
  }

  /** Ends everything that was started, in whatever state it is. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#ledger?.stop();
    await this.#supervisor?.stop();
    this.#aws.destroy();
    await this.#options.cloud.close();
    rmSync(ENV_FILE, { force: true });
  }

  #startReconciler(): void {
    const { port, say } = this.#options;
    const args = [
      'run',
      '--port',
      String(port),
      '--prefix',
      PREFIX,
      '--metrics-interval',
      '2s',
      '--metrics-period',
      '1s',
      // The page of a demo on this machine may start and stop experiments.
      '--local-writes',
      'yes',
    ];
    this.#supervisor = new Supervisor({
      args,
      env: { ...process.env, ...roleEnvironment(this.#options.cloud) },
      logFile: LOG_FILE,
      onLine: (line) => {
        const record = parseRecord(line);
        if (!record) say(line);
        else {
          this.#tally.note(record);
          if (worthShowing(record)) say(recordLine(record));
        }
      },
      onRestart: (how) => say(color.yellow(how)),
    });
    this.#supervisor.start();
  }

  #startLoad({ queueUrl: QueueUrl }: Provisioned): void {
    const { scenario, seed, say } = this.#options;
    const { timeScale } = scenario;
    const sample = serviceTime(scenario.jobs, random(seed));
    const phases = scenario.load.phases.map((p) => ({
      for: p.for / timeScale,
      rate: typeof p.rate === 'number' ? p.rate * timeScale : (p.rate.map((r) => r * timeScale) as [number, number]),
    }));
    const load = new Load({
      profile: { phases, repeat: scenario.load.repeat },
      serviceTime: () => sample() / timeScale,
      send: async (jobs: Job[]) => {
        const Entries = jobs.map((job, i) => ({ Id: String(i), MessageBody: JSON.stringify(job) }));
        const { Failed = [] } = await this.#aws.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
        return Failed.map((f) => jobs[Number(f.Id)]!);
      },
      onProblem: (message) => say(color.yellow(`the load could not be sent and is tried again: ${message}`)),
    });
    this.#load = load;
    this.#timers.push(setInterval(() => void load.tick(), LOAD_TICK_MS));
    this.#timers.push(setInterval(() => this.#heartbeat(), HEARTBEAT_MS));
    for (const { at, every, experiment } of scenario.events) {
      const happen = (): void => (experiment === undefined ? this.#killOneWorker() : void this.#askFor(experiment));
      this.#timers.push(
        setTimeout(() => {
          happen();
          if (every !== undefined) this.#timers.push(setInterval(happen, every / timeScale));
        }, at / timeScale),
      );
    }
  }

  /** As `sluice chaos run` does; asked again for a while when a rail says not now. */
  async #askFor(experiment: string): Promise<void> {
    const { name: policy } = this.#options.policy;
    for (let attempt = 1; attempt <= 10 && !this.#ending; attempt++) {
      const answer = await requestChaos(this.#aws, { policy, action: 'run', experiment, by: 'the scenario' }).catch(
        (error: Error) => ({ accepted: false, because: error.message }),
      );
      if (answer.accepted) return;
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
  }

  #killOneWorker(): void {
    const pids = this.#options.cloud.workerPids();
    const pid = pids[Math.floor(this.#choose() * pids.length)];
    if (pid === undefined) return;
    this.#options.say(color.magenta(`a worker crashes: kill -9 ${pid}`));
    process.kill(pid, 'SIGKILL');
  }

  #heartbeat(): void {
    const after = formatDuration(Math.round((Date.now() - this.#startedAt) / 1_000) * 1_000);
    const { sent } = this.#load!;
    const { processed, duplicates } = this.#ledger!;
    this.#options.say(
      color.dim(
        `after ${after}: ${sent} jobs sent, ${processed} processed${duplicates ? `, ${duplicates} done twice` : ''}, ${this.#options.cloud.workerPids().length} workers running`,
      ),
    );
  }

  #greet(): void {
    const { cloud, scenario, policy, port, duration, say } = this.#options;
    say(
      [
        `${color.bold('Sluice')} runs on this machine. Scenario ${color.bold(scenario.name)}: ${scenario.description}.`,
        '',
        `  page   ${port === 0 ? '(any free port; see "started" below)' : `http://127.0.0.1:${port}`}`,
        `  AWS    ${cloud.url}  (queue ${NAMES.queue}, service ${NAMES.cluster}/${NAMES.service}, policy ${PREFIX}${policy.name})`,
        `  log    ${LOG_FILE}`,
        '',
        'Try, in another terminal and this folder:',
        `  npx sluice status --local ${policy.name}`,
        `  npx sluice policy edit ${policy.name} --local        # set minWorkers to 5, and watch the fleet follow`,
        `  npx sluice explain ${policy.name}`,
        '',
        duration === undefined
          ? 'Ctrl-C ends it, with a summary.'
          : `It ends after ${formatDuration(duration)}, with a summary; Ctrl-C ends it sooner.`,
        '',
      ].join('\n'),
    );
  }

  async #stillQueued(): Promise<number> {
    const names = [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ] as const;
    let total = 0;
    for (const QueueUrl of [this.#queues!.queueUrl, this.#queues!.deadLettersUrl]) {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] });
      const { Attributes } = await this.#aws.sqs.send(command);
      for (const name of names) total += Number(Attributes?.[name] ?? 0);
    }
    return total;
  }
}

/** Decisions that change something, and all that is not a decision, but for the chatter of starting and stopping. */
function worthShowing({ level, msg, actions }: { level: string; msg: string; actions?: string[] }): boolean {
  if (msg === 'decision') return (actions?.length ?? 0) > 0;
  return level !== 'info' || !['started', 'stopping', 'stopped', 'metrics'].includes(msg);
}

function environmentOf(cloud: Cloud): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: cloud.url,
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: cloud.rootKey.accessKeyId,
    AWS_SECRET_ACCESS_KEY: cloud.rootKey.secretAccessKey,
  };
}

function roleEnvironment({ reconcilerKey: key }: Cloud): Record<string, string> {
  if (!key) return {};
  return {
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_SESSION_TOKEN: key.sessionToken,
  };
}

/** What any AWS client needs to reach the embedded AWS of this run; readable by its owner only. */
function writeEnvFile(cloud: Cloud): void {
  mkdirSync('.sluice', { recursive: true, mode: 0o700 });
  const lines = Object.entries(environmentOf(cloud)).map(([name, value]) => `export ${name}='${value}'`);
  writeFileSync(ENV_FILE, `${lines.join('\n')}\nunset AWS_SESSION_TOKEN AWS_PROFILE\n`, { mode: 0o600 });
}
