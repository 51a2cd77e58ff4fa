/** Answers the calls on tasks: RunTask, StopTask, ListTasks, DescribeTasks. */
import { flag, integer, text, texts } from '../input.ts';
import type { Input } from '../service.ts';
import { type Home, taskArn } from './arn.ts';
import { clientError, type Failure, invalidParameter, serviceNotFound } from './errors.ts';
import type { Cluster, Task } from './model.ts';
import { page } from './paging.ts';
import type { Services } from './services.ts';
import { readTags } from './tags.ts';
import { readOverrides, type TaskDefinitions } from './task-definitions.ts';
import type { Tasks } from './tasks.ts';

const MAX_COUNT = 10;
const MAX_DESCRIBED = 100;
const MAX_STARTED_BY = 128;
const MAX_REASON = 1024;

export interface TaskCalls {
  home: Home;
  tasks: Tasks;
  services: Services;
  definitions: TaskDefinitions;
}

export function runTask(cluster: Cluster, input: Input, { home, tasks, definitions }: TaskCalls) {
  const definition = definitions.usable(text(input, 'taskDefinition'));
  const count = integer(input, 'count') ?? 1;
  if (count < 1 || count > MAX_COUNT) throw invalidParameter(`Count must be between 1 and ${MAX_COUNT}.`);
  const startedBy = text(input, 'startedBy');
  if (startedBy !== undefined && startedBy.length > MAX_STARTED_BY)
    throw invalidParameter(`startedBy can have at most ${MAX_STARTED_BY} characters.`);
  const { overrides, shown, taskRoleArn } = readOverrides(input, definition);
  const placed = Math.min(count, tasks.room());
  const started = Array.from({ length: placed }, () =>
    tasks.create({
      clusterArn: cluster.arn,
      definition,
      group: text(input, 'group') ?? `family:${definition.family}`,
      startedBy,
      launchType: text(input, 'launchType') ?? 'FARGATE',
      tags: { ...(text(input, 'propagateTags') === 'TASK_DEFINITION' ? definition.tags : {}), ...readTags(input) },
      overrides,
      shownOverrides: shown,
      taskRoleArn,
      enableExecuteCommand: flag(input, 'enableExecuteCommand') ?? false,
    }),
  );
  const failures: Failure[] = Array.from({ length: count - placed }, () => ({
    arn: `arn:aws:ecs:${home.region}:${home.accountId}:container-instance/local`,
    reason: 'Capacity is unavailable at this time. Please try again later or in a different availability zone',
  }));
  return { started, failures };
}

export function stopTask(cluster: Cluster, input: Input, { tasks }: TaskCalls): Task {
  const name = text(input, 'task');
  if (!name) throw invalidParameter('Task cannot be empty.');
  const reason = text(input, 'reason');
  if (reason !== undefined && reason.length > MAX_REASON)
    throw invalidParameter(`reason can have at most ${MAX_REASON} characters.`);
  const task = tasks.find(cluster.arn, name);
  if (!task) throw invalidParameter('The referenced task was not found.');
  tasks.stop(task, 'UserInitiated', reason || 'Task stopped by user');
  return task;
}

/** Refuses `startedBy` together with another filter. AWS would silently ignore the other one. */
function checkFilters(input: Input): void {
  if (text(input, 'startedBy') === undefined) return;
  for (const other of ['family', 'serviceName', 'containerInstance'])
    if (text(input, other) !== undefined)
      throw invalidParameter(`startedBy cannot be combined with other filters, such as ${other}.`);
}

export function listTasks(cluster: Cluster, input: Input, { tasks, services }: TaskCalls): object {
  checkFilters(input);
  tasks.prune();
  const status = text(input, 'desiredStatus') ?? 'RUNNING';
  if (!['RUNNING', 'PENDING', 'STOPPED'].includes(status))
    throw invalidParameter('desiredStatus must be RUNNING, PENDING or STOPPED.');
  const filters: ((task: Task) => boolean)[] = [(task) => task.desiredStatus === status];
  const serviceName = text(input, 'serviceName');
  if (serviceName !== undefined) {
    const service = services.find(cluster, serviceName);
    if (!service) throw serviceNotFound();
    filters.push((task) => task.serviceArn === service.arn);
  }
  const family = text(input, 'family');
  if (family !== undefined) filters.push((task) => task.definition.family === family);
  const startedBy = text(input, 'startedBy');
  if (startedBy !== undefined) filters.push((task) => task.startedBy === startedBy);
  const launchType = text(input, 'launchType');
  if (launchType !== undefined) filters.push((task) => task.launchType === launchType);
  // Tasks here run on no container instance.
  if (text(input, 'containerInstance') !== undefined) filters.push(() => false);
  const found = tasks.all().filter((task) => task.clusterArn === cluster.arn && filters.every((each) => each(task)));
  const { items, nextToken } = page(found.map((task) => task.arn).sort(), input);
  return { taskArns: items, nextToken };
}

export function describeTasks(cluster: Cluster, input: Input, { home, tasks }: TaskCalls) {
  const names = texts(input, 'tasks') ?? [];
  if (names.length === 0) throw invalidParameter('Tasks cannot be empty.');
  if (names.length > MAX_DESCRIBED) throw clientError(`At most ${MAX_DESCRIBED} tasks can be described.`);
  const found: Task[] = [];
  const failures: Failure[] = [];
  for (const name of new Set(names)) {
    const task = tasks.find(cluster.arn, name);
    const arn = name.startsWith('arn:') ? name : taskArn(home, cluster.name, name);
    if (task) found.push(task);
    else failures.push({ arn, reason: 'MISSING' });
  }
  return { found, failures };
}
