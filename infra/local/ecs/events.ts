/** Keeps the events of a service: the last hundred, newest first, in the words of AWS ("service event messages"). */
import { randomUUID } from 'node:crypto';
import type { EcsService, Task } from './model.ts';
import type { Plan } from './plan.ts';

const KEPT_EVENTS = 100;

export function addEvent(service: EcsService, now: number, what: string): void {
  service.events.unshift({ id: randomUUID(), createdAt: now, message: `(service ${service.name}) ${what}` });
  service.events.length = Math.min(service.events.length, KEPT_EVENTS);
}

const named = (tasks: readonly Task[]): string => tasks.map((task) => `(task ${task.id})`).join(' ');

export const started = (tasks: readonly Task[]): string => `has started ${tasks.length} tasks: ${named(tasks)}.`;
export const stopped = (tasks: readonly Task[]): string =>
  `has stopped ${tasks.length} running tasks: ${named(tasks)}.`;

/** Adds an event for a trouble that has begun. AWS writes it once as long as it lasts. */
export function addTrouble(service: EcsService, now: number, trouble: string | undefined): void {
  if (service.trouble === trouble) return;
  service.trouble = trouble;
  if (trouble) addEvent(service, now, trouble);
}

export function obstacleText(service: EcsService, obstacle: Plan['obstacle']): string | undefined {
  if (obstacle === 'configuration')
    return (
      'was unable to stop or start tasks during a deployment because of the service deployment configuration. ' +
      'Update the minimumHealthyPercent or maximumPercent value and try again.'
    );
  if (!obstacle) return undefined;
  return (
    `was unable to reach steady state because (taskSet ${service.deployments[0]?.id}) was unable to scale in. ` +
    'Reason: The number of protected tasks are more than the desired count of tasks.'
  );
}

export const noRoom = (maxTasks: number): string =>
  'was unable to place a task because no container instance met all of its requirements. ' +
  `Reason: this machine runs at most ${maxTasks} tasks (option maxTasks).`;
