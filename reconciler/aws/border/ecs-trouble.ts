/** The grammars of what ECS tells about tasks that do not start: events of a service, and tasks that have stopped. */
import type { Instant, ServiceTrouble } from '../../../policies/model/observation.ts';
import { Answer } from './answer.ts';

/** ECS has no code for it: its documentation lists these messages ("Viewing Amazon ECS service event messages"). */
const PLACEMENT = /\bunable to place (a task|tasks)\b/;
const START = /\b(failed to launch a task|unable to consistently start tasks)\b/;
const STEADY = /\bhas reached a steady state\b/;
/** `(service jobs) was unable ...`: the name of the service says nothing new. */
const PREFIX = /^\(service [^)]*\)\s*/;
const LONGEST = 300;

/**
 * Returns the trouble that the service's events tell of, newest first, until the last steady state. Events are what Sluice can
 * do without: one that does not parse is no reason to refuse the counts beside it.
 */
export function troubleOf(service: Answer): ServiceTrouble | undefined {
  const events = (service.get('events').ifPresent?.list() ?? []).flatMap(eventOf).sort((a, b) => b.at - a.at);
  const steady = events.find(({ message }) => STEADY.test(message))?.at ?? Number.NEGATIVE_INFINITY;
  const troubles = events.filter(({ message, at }) => at > steady && (PLACEMENT.test(message) || START.test(message)));
  const [newest] = troubles;
  if (!newest) return undefined;
  return {
    kind: PLACEMENT.test(newest.message) ? 'placement' : 'start',
    since: troubles.at(-1)!.at,
    message: newest.message.replace(PREFIX, '').slice(0, LONGEST),
  };
}

function eventOf(event: Answer): { at: Instant; message: string }[] {
  try {
    return [{ at: event.get('createdAt').date(), message: event.get('message').text() }];
  } catch {
    return [];
  }
}

/** A task that has stopped or is stopping. Dates are epoch milliseconds. */
export interface StoppedTask {
  arn: string;
  startedBy: string;
  /** The reason of a container that says one, or else the task's. */
  reason: string;
  /** Empty while ECS has not written one. */
  stopCode: string;
  startedAt?: number;
  /** When it stopped to run, or began to stop. */
  endedAt: number;
  /** Of the first container that has one other than 0, or else 0. */
  exitCode?: number;
}

/** Returns the stopped tasks of a DescribeTasks answer. Tasks without an end are left out. */
export function stoppedTasksIn(output: unknown, asked: readonly string[]): StoppedTask[] {
  const tasks = new Answer('ecs:DescribeTasks', output).get('tasks').list();
  return tasks.flatMap((task) => stoppedTask(task, asked));
}

function stoppedTask(task: Answer, asked: readonly string[]): StoppedTask[] {
  const arn = task.get('taskArn').oneOf(asked, 'the ARN of a task that was asked for');
  const date = (name: string): number | undefined => task.get(name).ifPresent?.date();
  const endedAt = date('executionStoppedAt') ?? date('stoppedAt') ?? date('stoppingAt');
  if (endedAt === undefined) return [];
  const containers = (task.get('containers').ifPresent?.list() ?? []).map((container) => ({
    exitCode: container.get('exitCode').ifPresent?.count(),
    reason: container.get('reason').ifPresent?.text(),
  }));
  const codes = containers.flatMap(({ exitCode }) => exitCode ?? []);
  const startedAt = date('startedAt');
  const exitCode = codes.find((code) => code !== 0) ?? codes[0];
  const said = containers.find(({ reason }) => reason)?.reason ?? task.get('stoppedReason').ifPresent?.text();
  return [
    {
      arn,
      endedAt,
      startedBy: task.get('startedBy').ifPresent?.text() ?? '',
      stopCode: task.get('stopCode').ifPresent?.text() ?? '',
      reason: (said ?? 'no reason given').slice(0, LONGEST),
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(exitCode === undefined ? {} : { exitCode }),
    },
  ];
}
