/** Protects tasks from scale-in, by the API and by the agent's endpoint in the task. */
import type { Clock } from '../clock.ts';
import { flag, integer, texts } from '../input.ts';
import type { Input } from '../service.ts';
import { type Failure, invalidParameter } from './errors.ts';
import { type Cluster, type EcsService, isAlive, isProtected, type Task } from './model.ts';
import { plan } from './plan.ts';
import type { Tasks } from './tasks.ts';

const MAX_TASKS = 10;
const MIN_MINUTES = 1;
const MAX_MINUTES = 2_880;
const DEFAULT_MINUTES = 120;
const MINUTE_MS = 60_000;

export interface ProtectionContext {
  clock: Clock;
  tasks: Tasks;
  serviceOf(task: Task): EcsService | undefined;
  /** Called after a protection has begun, ended or expired. */
  changed(service: EcsService): void;
}

export interface Protection {
  taskArn: string;
  protectionEnabled: boolean;
  /** Seconds since the epoch. */
  expirationDate?: number;
}

/** Returns a valid number of minutes. @throws InvalidParameterException */
export function checkMinutes(minutes: number | undefined): number {
  if (minutes === undefined) return DEFAULT_MINUTES;
  if (minutes < MIN_MINUTES || minutes > MAX_MINUTES)
    throw invalidParameter(`expiresInMinutes must be between ${MIN_MINUTES} and ${MAX_MINUTES}.`);
  return minutes;
}

export class TaskProtection {
  readonly #context: ProtectionContext;

  constructor(context: ProtectionContext) {
    this.#context = context;
  }

  show(task: Task): Protection {
    const now = this.#context.clock.now();
    const shown: Protection = { taskArn: task.arn, protectionEnabled: isProtected(task, now) };
    if (shown.protectionEnabled) shown.expirationDate = (task.protectedUntil ?? 0) / 1000;
    return shown;
  }

  /** Returns the reason for which a task cannot be protected; undefined if it can. */
  #refusal(task: Task, enable: boolean): Omit<Failure, 'arn'> | undefined {
    const service = this.#context.serviceOf(task);
    if (!service)
      return { reason: 'TASK_NOT_VALID', detail: 'The specified task is not part of an Amazon ECS service.' };
    if (!isAlive(task)) return { reason: 'TASK_NOT_VALID', detail: 'The specified task is stopping or stopped.' };
    if (!enable) return undefined;
    // Only asked whether it is stuck; which tasks would be chosen does not matter.
    const tasks = this.#context.tasks.all().filter((each) => each.serviceArn === service.arn);
    if (plan(service, tasks, this.#context.clock.now(), () => 0).obstacle !== 'protected-deployment') return undefined;
    const detail = 'Protected tasks keep a deployment of the service from reaching a steady state.';
    return { reason: 'DEPLOYMENT_BLOCKED', detail: `${detail} Release them, or wait until their protection expires.` };
  }

  /**
   * Sets the protection of a task; returns the protection now in force, or the reason for the refusal.
   * @param minutes used when enabling; always counted anew
   */
  set(task: Task, enable: boolean, minutes: number): Protection | Failure {
    const refusal = this.#refusal(task, enable);
    if (refusal) return { arn: task.arn, ...refusal };
    const { clock } = this.#context;
    const service = this.#context.serviceOf(task) as EcsService;
    if (enable) {
      const until = clock.now() + minutes * MINUTE_MS;
      task.protectedUntil = until;
      clock.after(minutes * MINUTE_MS, () => {
        if (task.protectedUntil === until) this.#context.changed(service);
      });
    } else delete task.protectedUntil;
    this.#context.changed(service);
    return this.show(task);
  }

  #each(cluster: Cluster, names: readonly string[], act: (task: Task) => Protection | Failure): object {
    const protectedTasks: Protection[] = [];
    const failures: Failure[] = [];
    for (const name of names) {
      const task = this.#context.tasks.find(cluster.arn, name);
      const result = task ? act(task) : { arn: name, reason: 'MISSING' };
      if ('reason' in result) failures.push(result);
      else protectedTasks.push(result);
    }
    return { protectedTasks, failures };
  }

  update(cluster: Cluster, input: Input): object {
    const names = texts(input, 'tasks') ?? [];
    if (names.length === 0) throw invalidParameter('Tasks cannot be empty.');
    if (names.length > MAX_TASKS) throw invalidParameter(`At most ${MAX_TASKS} tasks can be protected in one call.`);
    const enable = flag(input, 'protectionEnabled');
    if (enable === undefined) throw invalidParameter('protectionEnabled must be specified.');
    const minutes = checkMinutes(integer(input, 'expiresInMinutes'));
    return this.#each(cluster, names, (task) => this.set(task, enable, minutes));
  }

  get(cluster: Cluster, input: Input): object {
    const { tasks, serviceOf } = this.#context;
    const names = texts(input, 'tasks') ?? [];
    const ofServices = tasks
      .all()
      .filter((task) => task.clusterArn === cluster.arn && isAlive(task) && serviceOf(task));
    const wanted = names.length > 0 ? names : ofServices.map((task) => task.arn);
    return this.#each(cluster, wanted, (task) => {
      if (serviceOf(task)) return this.show(task);
      return {
        arn: task.arn,
        reason: 'TASK_NOT_VALID',
        detail: 'The specified task is not part of an Amazon ECS service.',
      };
    });
  }
}
