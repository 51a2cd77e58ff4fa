/** One real reconciler process behind a mutating proxy, and the lanes that it looks after. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { until } from '../until.ts';
import { cleanEnvironment, SLUICE } from '../up.ts';
import { type Belongings, flagOf, type Lane, type Owner, WORKERS } from './lanes.ts';
import { describe, type Mutation, mutationsOf } from './mutation.ts';
import { type Call, MutatingProxy, writtenParameter } from './proxy.ts';

/** A mutation in force on one lane, and what came of it. */
interface Trial {
  mutation: Mutation;
  /** Answers that it damaged. */
  hits: number;
  /** Whether a line of the log about this lane named the call as failed. */
  told: boolean;
}

export interface Violation {
  lane: string;
  scene: string;
  mutation: string;
  problem: string;
}

/** Stands for a mutation that is no single lane's; each call's body includes it. */
const EVERY_LANE = '';
/** The key of answers that name no lane, such as listings. */
export const LISTINGS = 'listings';

export class Cell {
  readonly lanes: readonly Lane[];
  readonly violations: Violation[] = [];
  /** True answers by operation and lane scene, from which mutations are made. */
  readonly answers = new Map<string, Map<string, string>>();
  readonly #owner: Owner;
  readonly #trials = new Map<string, Trial>();
  readonly #last = new Map<string, string>();
  readonly #writes = new Map<string, number>();
  readonly #original = new Map<string, Belongings>();
  #proxy!: MutatingProxy;
  #child!: ChildProcess;
  #endpoint = '';
  #url = '';
  #tail: string[] = [];

  /** Is told of each call about a lane when AWS has carried it out and Sluice has not yet heard. */
  onCall: (lane: Lane, call: Call) => void = () => {};

  constructor(owner: Owner, lanes: readonly Lane[]) {
    this.#owner = owner;
    this.lanes = lanes;
  }

  /** Makes the lanes and the proxy, and starts the reconciler. */
  async start(ticks = 2): Promise<void> {
    for (const lane of this.lanes) {
      await this.#owner.make(lane);
      this.#original.set(lane.name, await this.#owner.belongings(lane));
    }
    this.#proxy = new MutatingProxy(this.#owner.cloud.url, {
      mutationOf: (call) => this.#mutationOf(call),
      onAnswer: (call, answer) => this.#look(call, answer),
    });
    this.#endpoint = await this.#proxy.listen();
    await this.launch(ticks);
  }

  /** Starts the reconciler, and resolves when each policy has ticked so often. */
  async launch(ticks = 2): Promise<void> {
    const { region, rootKey } = this.#owner.cloud;
    const prefix = this.lanes[0]!.prefix;
    this.#url = '';
    this.#child = spawn(process.execPath, [SLUICE, 'run'], {
      env: {
        ...cleanEnvironment(),
        AWS_ENDPOINT_URL: this.#endpoint,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: rootKey.accessKeyId,
        AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
        SLUICE_PREFIX: `${prefix}policies/`,
        SLUICE_STATUS_PREFIX: `${prefix}status/`,
        SLUICE_REQUESTS_PREFIX: `${prefix}requests/`,
        SLUICE_LOG_LEVEL: 'debug',
        SLUICE_PORT: '0',
        SLUICE_POLL_INTERVAL: '1s',
        SLUICE_STATUS_INTERVAL: '5s',
        SLUICE_METRICS_INTERVAL: '2s',
        SLUICE_TASKS_INTERVAL: '2s',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      createInterface({ input: stream! }).on('line', (line) => this.#read(line));
    await until(
      'every policy to tick',
      async () => [...(await this.ticks()).values()].filter((n) => n >= ticks).length === this.lanes.length,
      90_000,
      () => this.#tail.join('\n'),
    );
  }

  /** Sends a signal; SIGKILL, SIGSTOP and SIGCONT cannot be caught. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Kills the process and resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.alive) return;
    const ended = new Promise((resolve) => this.#child.on('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** Ends the process as ECS would, with SIGKILL after a while, and returns its exit status (null if it was killed). */
  async stop(patienceMs = 30_000): Promise<number | null> {
    if (!this.alive) {
      await this.#proxy.close();
      return this.#child.exitCode;
    }
    const ended = new Promise<number | null>((resolve) => this.#child.on('exit', resolve));
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    const status = await ended;
    clearTimeout(late);
    await this.#proxy.close();
    return status;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The log of late, some hundred lines of it. */
  get log(): string {
    return this.#tail.join('\n');
  }

  /** The last lines of the log. */
  get tail(): string {
    return this.#tail.slice(-20).join('\n');
  }

  /** Ticks of each policy so far, as /metrics counts them. */
  async ticks(): Promise<Map<string, number>> {
    if (!this.#url) return new Map();
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    const sums = new Map<string, number>();
    for (const [, labels = '', n] of text.matchAll(/^sluice_ticks_total\{(.*)\} (\d+)$/gm)) {
      const policy = /policy="([^"]+)"/.exec(labels)?.[1] ?? '';
      sums.set(policy, (sums.get(policy) ?? 0) + Number(n));
    }
    return sums;
  }

  /** Returns every mutation of every operation that was seen in a scene. */
  mutations(scene: string): Mutation[] {
    return [...(this.answers.get(scene) ?? [])].flatMap(([operation, answer]) =>
      mutationsOf(operation, JSON.parse(answer)),
    );
  }

  begin(lane: Lane, mutation: Mutation): void {
    this.#trials.set(lane.name, { mutation, hits: 0, told: false });
    this.#last.set(lane.name, describe(mutation));
  }

  /** Damages an operation's answers for the whole cell: listings, and answers about many lanes. */
  beginForAll(mutation: Mutation): void {
    this.#trials.set(EVERY_LANE, { mutation, hits: 0, told: false });
    for (const { name } of this.lanes) this.#last.set(name, describe(mutation));
  }

  /** Ends a mutation and returns what was seen of it. */
  end(lane?: Lane): Trial {
    const key = lane?.name ?? EVERY_LANE;
    const trial = this.#trials.get(key)!;
    this.#trials.delete(key);
    return trial;
  }

  hits(lane?: Lane): number {
    return this.#trials.get(lane?.name ?? EVERY_LANE)?.hits ?? 0;
  }

  tells(lane: Lane): boolean {
    return this.#trials.get(lane.name)?.told ?? false;
  }

  /** Writes of Sluice on a lane's queue, flag, tasks and service so far. */
  writes(lane: Lane): number {
    return this.#writes.get(lane.name) ?? 0;
  }

  /** Returns which of the owner's things are not as they were. */
  async changed(lane: Lane): Promise<string[]> {
    const now = await this.#owner.belongings(lane);
    const before = this.#original.get(lane.name)!;
    return (Object.keys(before) as (keyof Belongings)[])
      .filter((key) => !isDeepStrictEqual(now[key], before[key]))
      .map((key) => `${key} is ${JSON.stringify(now[key])} and was ${JSON.stringify(before[key])}`);
  }

  blame(lane: Lane, problem: string): void {
    const { name, scene } = lane;
    this.violations.push({ lane: name, scene, mutation: this.#last.get(name) ?? 'none yet', problem });
  }

  #mutationOf(call: Call): { mutation: Mutation; concerns: string } | undefined {
    for (const [concerns, trial] of this.#trials)
      if (trial.mutation.operation === call.operation && call.body.includes(concerns)) {
        trial.hits++;
        return { mutation: trial.mutation, concerns };
      }
    return undefined;
  }

  /** The longest answer of an operation has the most fields. */
  #note(scene: string, operation: string, answer: string): void {
    const known = this.answers.get(scene) ?? new Map<string, string>();
    this.answers.set(scene, known);
    if ((known.get(operation)?.length ?? 0) < answer.length && answer.startsWith('{')) known.set(operation, answer);
  }

  /** Notes a true answer, and judges each write by itself. */
  #look(call: Call, answer: string): void {
    const { operation, body } = call;
    const concerned = this.lanes.filter(({ name }) => body.includes(name));
    if (concerned.length === 0) this.#note(LISTINGS, operation, answer);
    for (const lane of concerned) {
      this.onCall(lane, call);
      this.#note(lane.scene, operation, answer);
      if (['SetQueueAttributes', 'StopTask', 'UpdateService'].includes(operation) || isFlag(lane, call))
        this.#writes.set(lane.name, this.writes(lane) + 1);
      if (operation !== 'UpdateService') continue;
      const { desiredCount } = JSON.parse(body) as { desiredCount?: number };
      const drained = lane.scene === 'drain' && desiredCount === 0;
      if (desiredCount !== undefined && desiredCount < WORKERS && !drained)
        this.blame(lane, `scale-in to ${desiredCount}`);
    }
  }

  #read(line: string): void {
    this.#tail.push(line);
    if (this.#tail.length > 400) this.#tail = this.#tail.slice(-200);
    if (line.includes('"msg":"started"')) this.#url = /"url":"(http[^"]+)"/.exec(line)?.[1] ?? '';
    const trial = this.#trials.get(/"policy":"([^"]+)"/.exec(line)?.[1] ?? '');
    if (trial && FAILED.test(line) && line.includes(trial.mutation.operation)) trial.told = true;
  }
}

/** A record that holds a failed reading, a failed write, or a warning. A decision is text in its line: quotes are escaped. */
const FAILED = /\\?"ok\\?":false|\\?"outcome\\?":\\?"failed|"level":"(warn|error)"/;

const isFlag = (lane: Lane, call: Call): boolean => writtenParameter(call)?.name === flagOf(lane);
