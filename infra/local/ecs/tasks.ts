/** Keeps all tasks: those with processes, and the stopped ones, which stay listed for a while. */
import type { Clock } from '../clock.ts';
import type { LocalContext } from '../context.ts';
import type { TemporaryCredentials } from '../credentials.ts';
import { type Agent, agentUris } from './agent-tokens.ts';
import { containerArn, type Home, newTaskId, shortName, taskArn } from './arn.ts';
import { taskEnvironment } from './environment.ts';
import { TaskLife } from './life.ts';
import { type ContainerOverride, isAlive, type StopCode, type Tags, type Task, type TaskDefinition } from './model.ts';
import type { Settings, TaskOutput } from './options.ts';
import { seededRandom } from './random.ts';

/** The most output lines kept of each task, and the most characters of a line. They show why a task failed. */
const KEPT_LINES = 50;
const KEPT_CHARACTERS = 1024;

export interface NewTask {
  clusterArn: string;
  definition: TaskDefinition;
  group: string;
  startedBy: string | undefined;
  serviceArn?: string;
  deploymentId?: string;
  launchType: string;
  tags: Tags;
  overrides?: ContainerOverride[];
  shownOverrides?: Record<string, unknown>;
  taskRoleArn?: string | undefined;
  enableExecuteCommand: boolean;
}

interface Entry {
  life: TaskLife;
  output: TaskOutput[];
}

export class Tasks {
  readonly #home: Home;
  readonly #clock: Clock;
  readonly #context: Pick<LocalContext, 'credentials' | 'endpointUrl' | 'onProblem'>;
  readonly #settings: Settings;
  readonly #agent: Agent;
  readonly #random: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(task: Task) => void>();

  constructor(context: Omit<LocalContext, 'sqs' | 'ssm'>, settings: Settings, agent: Agent) {
    this.#home = context;
    this.#clock = context.clock;
    this.#context = context;
    this.#settings = settings;
    this.#agent = agent;
    this.#random = seededRandom(settings.seed);
  }

  /** Calls `listener` after each change of a task's state. The returned function ends that. */
  onChange(listener: (task: Task) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  all(): Task[] {
    return [...this.#entries.values()].map((entry) => entry.life.task);
  }

  /** Finds a task of a cluster by ARN or id. */
  find(clusterArn: string, nameOrArn: string): Task | undefined {
    const task = this.#entries.get(shortName(nameOrArn))?.life.task;
    if (task?.clusterArn !== clusterArn) return undefined;
    return nameOrArn.startsWith('arn:') && task.arn !== nameOrArn ? undefined : task;
  }

  byArn(arn: string): Task | undefined {
    const task = this.#entries.get(shortName(arn))?.life.task;
    return task?.arn === arn ? task : undefined;
  }

  /** Returns the last lines of a task, oldest first. */
  output(task: Task): readonly TaskOutput[] {
    return this.#entries.get(task.id)?.output ?? [];
  }

  /** Returns the number of tasks that may still be created. */
  room(): number {
    const used = this.all().filter((task) => task.lastStatus !== 'STOPPED').length;
    return Math.max(0, this.#settings.maxTasks - used);
  }

  create(given: NewTask): Task {
    const id = newTaskId();
    const cluster = shortName(given.clusterArn);
    const arn = taskArn(this.#home, cluster, id);
    const task: Task = {
      serviceArn: undefined,
      deploymentId: undefined,
      overrides: [],
      ...given,
      id,
      arn,
      shownOverrides: given.shownOverrides ?? {},
      taskRoleArn: given.taskRoleArn ?? given.definition.taskRoleArn,
      lastStatus: 'PROVISIONING',
      desiredStatus: 'RUNNING',
      createdAt: this.#clock.now(),
      version: 1,
      containers: given.definition.containers.map(({ name, essential }) => ({
        arn: containerArn(this.#home, cluster, id),
        name,
        essential,
        lastStatus: 'PENDING',
        exitCode: undefined,
        reason: undefined,
        pid: undefined,
      })),
    };
    this.#begin(task);
    return task;
  }

  stop(task: Task, code: StopCode, reason: string): void {
    this.#entries.get(task.id)?.life.stop(code, reason);
  }

  kill(task: Task): void {
    this.#entries.get(task.id)?.life.kill();
  }

  /** Forgets stopped tasks that are too old or too many. */
  prune(): void {
    const since = this.#clock.now() - this.#settings.stoppedTaskRetentionMs;
    const stopped = this.all()
      .filter((task) => task.lastStatus === 'STOPPED')
      .sort((a, b) => (b.stoppedAt ?? 0) - (a.stoppedAt ?? 0));
    for (const [i, task] of stopped.entries())
      if (i >= this.#settings.maxStoppedTasks || (task.stoppedAt ?? 0) < since) this.#entries.delete(task.id);
  }

  #begin(task: Task): void {
    const { credentials, endpointUrl } = this.#context;
    const token = this.#agent.issue(task);
    let issued: TemporaryCredentials | undefined;
    const output: TaskOutput[] = [];
    const life = new TaskLife(task, {
      clock: this.#clock,
      settings: this.#settings,
      startUpMs: this.#settings.startUpMs + this.#random() * this.#settings.startUpJitterMs,
      environment: (container) => {
        const roleName = task.taskRoleArn && shortName(task.taskRoleArn);
        // One set for all containers of the task, as its role is one.
        if (roleName) issued ??= credentials.issue({ roleName, sessionName: task.id });
        const surroundings = { region: this.#home.region, endpointUrl: endpointUrl(), credentials: issued };
        const override = task.overrides.find((each) => each.name === container.name);
        return taskEnvironment({ ...surroundings, ...agentUris(endpointUrl(), token) }, [
          this.#settings.environment,
          container.environment,
          override?.environment ?? {},
        ]);
      },
      onOutput: (stream, line) => {
        output.push({ stream, line: line.slice(0, KEPT_CHARACTERS) });
        if (output.length > KEPT_LINES) output.shift();
        this.#tell(() => this.#settings.onTaskOutput?.(task, stream, line));
      },
      onChange: () => {
        if (task.lastStatus === 'STOPPED') {
          if (issued) credentials.revoke(issued.accessKeyId);
          this.#agent.revoke(token);
          this.prune();
        }
        this.#changed(task);
      },
    });
    this.#entries.set(task.id, { life, output });
    this.#changed(task);
  }

  #changed(task: Task): void {
    for (const listener of this.#listeners) this.#tell(() => listener(task));
  }

  /** Calls a listener and reports its failure, which must not stop a task's life halfway. */
  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#context.onProblem(`A listener to ECS tasks failed: ${error}`, error);
    }
  }

  /** Sends SIGTERM to all processes, and SIGKILL after the grace. Resolves once no process is left. */
  async close(): Promise<void> {
    const left = (): Task[] => this.all().filter((task) => task.containers.some((each) => each.pid !== undefined));
    for (const task of this.all())
      if (isAlive(task)) this.stop(task, 'ServiceSchedulerInitiated', 'The embedded ECS ends');
    if (left().length === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(this.#settings.closeGraceMs, () => {
        for (const task of left()) this.kill(task);
      });
      const done = this.onChange(() => {
        if (left().length > 0) return;
        cancel();
        done();
        resolve();
      });
    });
  }
}
