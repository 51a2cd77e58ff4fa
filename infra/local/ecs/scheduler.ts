/** Brings each service to its desired count: it plans after every change and carries the plan out. */
import type { Clock } from '../clock.ts';
import { isFailure, settle, taskFailed, taskHealthy } from './deployments.ts';
import { addEvent, addTrouble, noRoom, obstacleText, started, stopped } from './events.ts';
import { type EcsService, isAlive, isRunning, type Task } from './model.ts';
import type { Settings } from './options.ts';
import { type Plan, plan, wanted } from './plan.ts';
import { seededRandom } from './random.ts';
import type { Services } from './services.ts';
import type { TaskDefinitions } from './task-definitions.ts';
import type { Tasks } from './tasks.ts';

export interface SchedulerContext {
  clock: Clock;
  settings: Settings;
  services: Services;
  tasks: Tasks;
  definitions: TaskDefinitions;
  /** After a change of a service that is worth keeping. */
  changed(service: EcsService): void;
}

export class Scheduler {
  readonly #context: SchedulerContext;
  readonly #random: () => number;
  /** The next look at each service, by service ARN. */
  readonly #due = new Map<string, { at: number; cancel: () => void }>();
  #closed = false;

  constructor(context: SchedulerContext) {
    this.#context = context;
    this.#random = seededRandom(context.settings.seed + 1);
    context.tasks.onChange((task) => this.#taskChanged(task));
  }

  /** Looks at the service soon, or at `at` (milliseconds since the epoch) unless a look is due before that. */
  poke(service: EcsService, at = this.#context.clock.now() + this.#context.settings.schedulerDelayMs): void {
    if (this.#closed) return;
    const due = this.#due.get(service.arn);
    if (due && due.at <= at) return;
    due?.cancel();
    const cancel = this.#context.clock.after(at - this.#context.clock.now(), () => {
      this.#due.delete(service.arn);
      this.#converge(service);
    });
    this.#due.set(service.arn, { at, cancel });
  }

  pokeAll(): void {
    for (const service of this.#context.services.all()) if (service.status !== 'INACTIVE') this.poke(service);
  }

  close(): void {
    this.#closed = true;
    for (const { cancel } of this.#due.values()) cancel();
    this.#due.clear();
  }

  #taskChanged(task: Task): void {
    const { clock, services, settings } = this.#context;
    // Room for one more; whoever waits for it may be any service.
    if (task.lastStatus === 'STOPPED') this.pokeAll();
    const service = task.serviceArn ? services.byArn(task.serviceArn) : undefined;
    if (!service) return;
    if (task.lastStatus === 'DEPROVISIONING' && isFailure(task, settings.throttle.healthyAfterMs)) {
      taskFailed(service, task, clock.now(), settings.throttle);
      this.#context.changed(service);
    }
    if (task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING')
      clock.after(settings.throttle.healthyAfterMs, () => {
        if (isRunning(task)) taskHealthy(service, task);
      });
    this.poke(service);
  }

  #converge(service: EcsService): void {
    const { clock, tasks } = this.#context;
    if (this.#closed || service.status === 'INACTIVE') return;
    const now = clock.now();
    const own = tasks.all().filter((task) => task.serviceArn === service.arn);
    const next = plan(service, own, now, this.#random);
    this.#stop(service, next, now);
    const limit = this.#start(service, next.start, now);
    addTrouble(service, now, limit ?? obstacleText(service, next.obstacle));
    this.#conclude(service, now);
  }

  #stop(service: EcsService, { stop }: Plan, now: number): void {
    if (stop.length === 0) return;
    for (const task of stop)
      this.#context.tasks.stop(
        task,
        'ServiceSchedulerInitiated',
        `Scaling activity initiated by (deployment ${task.deploymentId})`,
      );
    addEvent(service, now, stopped(stop));
    this.#context.changed(service);
  }

  /** Starts tasks; returns the reason for which it started fewer, if it did. */
  #start(service: EcsService, count: number, now: number): string | undefined {
    const { tasks, definitions, settings } = this.#context;
    const deployment = service.deployments[0];
    if (count <= 0 || !deployment) return undefined;
    if (deployment.heldUntil > now) {
      this.poke(service, deployment.heldUntil);
      return service.trouble;
    }
    const definition = definitions.find(deployment.taskDefinition);
    if (!definition) return `was unable to place a task because ${deployment.taskDefinition} does not exist.`;
    const placed = Math.min(count, tasks.room());
    const begun = Array.from({ length: placed }, () =>
      tasks.create({
        clusterArn: service.clusterArn,
        definition,
        group: `service:${service.name}`,
        startedBy: deployment.id,
        serviceArn: service.arn,
        deploymentId: deployment.id,
        launchType: service.launchType,
        tags:
          service.propagateTags === 'SERVICE'
            ? { ...service.tags }
            : service.propagateTags === 'TASK_DEFINITION'
              ? { ...definition.tags }
              : {},
        enableExecuteCommand: service.shown.enableExecuteCommand === true,
      }),
    );
    if (begun.length > 0) {
      addEvent(service, now, started(begun));
      this.#context.changed(service);
    }
    return placed < count ? noRoom(settings.maxTasks) : undefined;
  }

  /** Notes what has been reached: the end of a deployment, a steady state, the end of a deleted service. */
  #conclude(service: EcsService, now: number): void {
    const own = this.#context.tasks.all().filter((task) => task.serviceArn === service.arn);
    const alive = own.filter(isAlive);
    const running = alive.filter(isRunning).length;
    const before = service.deployments[0]?.rolloutState;
    const count = service.deployments.length;
    if (service.status === 'ACTIVE')
      settle(service, (id) => alive.filter((task) => task.deploymentId === id).length, running, now);
    else if (own.every((task) => task.lastStatus === 'STOPPED')) {
      service.status = 'INACTIVE';
      service.endedAt = now;
      service.deployments = [];
      this.#context.changed(service);
      return;
    }
    const primary = service.deployments[0];
    if (primary?.rolloutState !== before || service.deployments.length !== count) this.#context.changed(service);
    const desired = wanted(service);
    const steady =
      service.status === 'ACTIVE' &&
      service.deployments.length === 1 &&
      primary?.rolloutState === 'COMPLETED' &&
      running === desired &&
      alive.length === desired;
    if (steady && !service.steady) {
      addEvent(service, now, 'has reached a steady state.');
      this.#context.changed(service);
    }
    service.steady = steady;
  }
}
