/**
 * Plans the next step of a service's scheduler: which tasks to stop, and how many to start. It is a pure function of the
 * present tasks, never of earlier steps.
 *
 * A rolling deployment has AWS's bounds: at most `maximumPercent` of the desired count is alive (rounded down), and at
 * least `minimumHealthyPercent` keeps running (rounded up).
 */
import { type EcsService, isAlive, isProtected, isRunning, type Task } from './model.ts';
import { shuffled } from './random.ts';

export interface Plan {
  /** Tasks of the PRIMARY deployment to start. */
  start: number;
  stop: Task[];
  /** The reason for which the plan does not reach the desired count; undefined if it does. */
  obstacle: 'protected-scale-in' | 'protected-deployment' | 'configuration' | undefined;
}

export const wanted = (service: EcsService): number => (service.status === 'ACTIVE' ? service.desiredCount : 0);

/** Chooses tasks to stop: first those not yet running, then unprotected ones at random, never protected ones. */
function victims(tasks: readonly Task[], count: number, now: number, random: () => number): Task[] {
  if (count <= 0) return [];
  const free = shuffled(
    tasks.filter((task) => !isProtected(task, now)),
    random,
  );
  return [...free.filter((task) => !isRunning(task)), ...free.filter(isRunning)].slice(0, count);
}

interface View {
  service: EcsService;
  own: Task[];
  old: Task[];
  desired: number;
  now: number;
  random: () => number;
}

function planSteady({ own, desired, now, random }: View): Plan {
  const excess = own.length - desired;
  const stop = victims(own, excess, now, random);
  return {
    start: Math.max(0, -excess),
    stop,
    obstacle: excess > stop.length ? 'protected-scale-in' : undefined,
  };
}

function planRolling({ service, own, old, desired, now, random }: View): Plan {
  const upper = Math.floor((desired * service.configuration.maximumPercent) / 100);
  const lower = Math.ceil((desired * service.configuration.minimumHealthyPercent) / 100);
  const stopOwn = victims(own, own.length - desired, now, random);
  const running = Math.min(own.filter(isRunning).length, desired) + old.filter(isRunning).length;
  const notRunning = victims(
    old.filter((task) => !isRunning(task)),
    old.length,
    now,
    random,
  );
  const stopOld = [...notRunning, ...victims(old.filter(isRunning), running - lower, now, random)];
  const room = upper - own.length - old.length + stopOwn.length + stopOld.length;
  const start = Math.max(0, Math.min(desired - own.length, room));
  const idle = start === 0 && stopOld.length === 0 && stopOwn.length === 0 && own.every(isRunning);
  let obstacle: Plan['obstacle'];
  if (idle && old.every((task) => isProtected(task, now))) obstacle = 'protected-deployment';
  else if (idle) obstacle = 'configuration';
  return { start, stop: [...stopOwn, ...stopOld], obstacle };
}

/** Plans after the circuit breaker has opened without a rollback: it starts nothing and keeps the tasks that work. */
function planFailed({ own, old, desired, now, random }: View): Plan {
  const excess = own.length + old.length - desired;
  const stopOwn = victims(own, excess, now, random);
  return { start: 0, stop: [...stopOwn, ...victims(old, excess - stopOwn.length, now, random)], obstacle: undefined };
}

export function plan(service: EcsService, tasks: readonly Task[], now: number, random: () => number): Plan {
  const alive = tasks.filter(isAlive);
  // A deleted service lets nothing live on; protection is against scale-in and deployments only.
  if (service.status !== 'ACTIVE') return { start: 0, stop: alive, obstacle: undefined };
  const primary = service.deployments[0];
  const own = alive.filter((task) => task.deploymentId === primary?.id);
  const old = alive.filter((task) => task.deploymentId !== primary?.id);
  const view: View = { service, own, old, desired: wanted(service), now, random };
  if (primary?.rolloutState === 'FAILED') return planFailed(view);
  return old.length > 0 ? planRolling(view) : planSteady(view);
}
