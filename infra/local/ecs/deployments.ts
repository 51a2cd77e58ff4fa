/** Begins, fails, rolls back and completes the deployments of a service. Nothing here starts a task. */
import type { Input } from '../service.ts';
import { newDeploymentId } from './arn.ts';
import { addEvent } from './events.ts';
import type { Deployment, EcsService, Task } from './model.ts';
import type { Settings } from './options.ts';

/** The number of failures in a row after which the restart throttle delays new tasks. */
const THROTTLE_AFTER = 3;
/** AWS's bounds of the circuit breaker's threshold, which is half the desired count. */
const BREAKER_MIN = 3;
const BREAKER_MAX = 200;

const progress = (id: string): string => `ECS deployment ${id} in progress.`;

export function newDeployment(
  taskDefinition: string,
  networkConfiguration: Input | undefined,
  now: number,
): Deployment {
  const id = newDeploymentId();
  return {
    id,
    taskDefinition,
    networkConfiguration,
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: progress(id),
    createdAt: now,
    updatedAt: now,
    failedTasks: 0,
    heldUntil: 0,
    throttled: false,
  };
}

/** Makes a deployment PRIMARY. The scheduler drains the earlier ones. */
export function deploy(service: EcsService, deployment: Deployment): void {
  service.deployments = [deployment, ...service.deployments.filter((each) => each !== deployment)];
  service.steady = false;
  service.trouble = undefined;
}

export const breakerThreshold = (desired: number): number =>
  Math.min(BREAKER_MAX, Math.max(BREAKER_MIN, Math.ceil(desired / 2)));

/** Returns whether a task failed: it never ran, or it ended by itself sooner than `healthyAfterMs`. */
export function isFailure(task: Task, healthyAfterMs: number): boolean {
  if (task.stopCode === 'TaskFailedToStart') return true;
  if (task.stopCode !== 'EssentialContainerExited') return false;
  return (task.stoppingAt ?? 0) - (task.startedAt ?? task.stoppingAt ?? 0) < healthyAfterMs;
}

function openBreaker(service: EcsService, failed: Deployment, now: number): void {
  failed.rolloutState = 'FAILED';
  failed.updatedAt = now;
  failed.rolloutStateReason = 'ECS deployment circuit breaker: tasks failed to start.';
  addEvent(service, now, `(deployment ${failed.id}) deployment failed: tasks failed to start.`);
  const last = service.lastCompleted;
  if (!service.configuration.circuitBreaker.rollback || !last) return;
  const earlier = service.deployments.find((each) => each.id === last.id);
  const back = earlier ?? newDeployment(last.taskDefinition, last.networkConfiguration, now);
  back.rolloutState = 'IN_PROGRESS';
  back.rolloutStateReason = `ECS deployment circuit breaker: rolling back to deploymentId ${last.id}.`;
  back.failedTasks = 0;
  back.heldUntil = 0;
  addEvent(service, now, `(deployment ${failed.id}) rolling back to deployment ${last.id}.`);
  deploy(service, back);
}

export function taskFailed(service: EcsService, task: Task, now: number, throttle: Settings['throttle']): void {
  const deployment = service.deployments.find((each) => each.id === task.deploymentId);
  if (!deployment) return;
  deployment.failedTasks += 1;
  deployment.updatedAt = now;
  const { circuitBreaker } = service.configuration;
  const primary = deployment === service.deployments[0];
  if (primary && circuitBreaker.enable && deployment.rolloutState === 'IN_PROGRESS')
    if (deployment.failedTasks >= breakerThreshold(service.desiredCount)) {
      openBreaker(service, deployment, now);
      return;
    }
  // Tasks that fail during a wait belong to the failure that began it.
  if (deployment.failedTasks < THROTTLE_AFTER || now < deployment.heldUntil) return;
  const doublings = Math.min(30, deployment.waits ?? 0);
  deployment.waits = doublings + 1;
  deployment.heldUntil = now + Math.min(throttle.maxDelayMs, throttle.firstDelayMs * 2 ** doublings);
  if (deployment.throttled) return;
  deployment.throttled = true;
  addEvent(service, now, 'is unable to consistently start tasks successfully.');
}

/** Notes that a task stayed up: its deployment no longer counts as failing. */
export function taskHealthy(service: EcsService, task: Task): void {
  const deployment = service.deployments.find((each) => each.id === task.deploymentId);
  if (!deployment) return;
  deployment.failedTasks = 0;
  deployment.heldUntil = 0;
  deployment.waits = 0;
  deployment.throttled = false;
}

/** Drops deployments without a task, and completes the PRIMARY one once it is the only one and has all its tasks. */
export function settle(
  service: EcsService,
  aliveOf: (deploymentId: string) => number,
  running: number,
  now: number,
): void {
  const [primary, ...older] = service.deployments;
  if (!primary) return;
  service.deployments = [primary, ...older.filter((each) => aliveOf(each.id) > 0)];
  if (primary.rolloutState !== 'IN_PROGRESS' || service.deployments.length > 1) return;
  if (running !== service.desiredCount || aliveOf(primary.id) !== service.desiredCount) return;
  primary.rolloutState = 'COMPLETED';
  primary.rolloutStateReason = `ECS deployment ${primary.id} completed.`;
  primary.updatedAt = now;
  const { id, taskDefinition, networkConfiguration } = primary;
  service.lastCompleted = { id, taskDefinition, networkConfiguration };
  addEvent(service, now, `(deployment ${id}) deployment completed.`);
}
