/** The grammars of what ECS answers. */
import type { NetworkState, ServiceState, TaskRef } from '../../../policies/model/observation.ts';
import { namedError } from '../errors.ts';
import { Answer } from './answer.ts';
import { troubleOf } from './ecs-trouble.ts';

/** Far above ECS's own limit of 5,000 tasks a service. */
const MOST_TASKS = 100_000;
const TASK_ARN = /^arn:[\w-]+:ecs:[\w-]+:\d{12}:task\/\S+$/;
const TASK_DEFINITION = /^arn:[\w-]+:ecs:[\w-]+:\d{12}:task-definition\/\S+:\d+$/;
const ROLE_ARN = /^arn:[\w-]+:iam::\d{12}:role\/\S+$/;

/** Returns the last part of a name or an ARN: `jobs` of `arn:aws:ecs:eu-west-1:111122223333:service/demo/jobs`. */
export const lastSegment = (arn: string): string => arn.split('/').at(-1) ?? arn;

/**
 * Returns one service of a DescribeServices answer. It is missing only when a failure entry says so, and then this throws an
 * error with the reason as its name; an answer that says neither is IncompleteAnswer.
 */
export function serviceIn(output: unknown, cluster: string, service: string): Answer {
  const answer = new Answer('ecs:DescribeServices', output);
  const name = lastSegment(service);
  const services = answer.get('services').list();
  const found = services.find((s) => s.has('serviceName', name));
  if (found) return isOf(found, cluster, name);
  const failures = answer.get('failures').ifPresent?.list() ?? [];
  const failure = failures.find((f) => lastSegment(f.get('arn').text()) === name);
  if (!failure) return answer.refuse(`service ${name}, or why it is not there`);
  const reason = failure.get('reason').text();
  throw namedError(reason, `service ${name} in cluster ${lastSegment(cluster)}: ${reason}`);
}

/** Returns `service` when its ARN names the service and the cluster that were asked for. */
function isOf(service: Answer, cluster: string, name: string): Answer {
  const arn = service.get('serviceArn');
  const place = arn.matching(/^arn:[\w-]+:ecs:[\w-]+:\d{12}:service\/\S+$/, 'the ARN of a service').split('/');
  // ARNs of the old format do not name the cluster.
  const inCluster = place.length < 3 || place.at(-2) === lastSegment(cluster);
  return place.at(-1) === name && inCluster ? service : arn.refuse(`service ${name} in ${lastSegment(cluster)}`);
}

/** Returns the counts and the deployments of a service. */
export function serviceState(service: Answer): ServiceState {
  const deployments = service
    .get('deployments')
    .list()
    .map((deployment) => ({
      primary: deployment.get('status').oneOf(['PRIMARY', 'ACTIVE', 'INACTIVE']) === 'PRIMARY',
      rollout: deployment.get('rolloutState').ifPresent?.oneOf(['COMPLETED', 'FAILED', 'IN_PROGRESS']),
      id: deployment.get('id').text(),
      createdAt: deployment.get('createdAt').ifPresent?.date(),
      failedTasks: deployment.get('failedTasks').ifPresent?.count(),
    }));
  const primary = deployments.find((d) => d.primary);
  // A service with a deployment controller of its own has none at all.
  if (deployments.length > 0 && !primary) service.get('deployments').refuse('a primary deployment');
  // A change of the count alone starts no deployment; only a new task definition, network or force does.
  const deploying = deployments.length > 1 || primary?.rollout === 'IN_PROGRESS';
  const begun = deployments.flatMap(({ createdAt }) => createdAt ?? []);
  const trouble = troubleOf(service);
  return {
    desired: service.get('desiredCount').count(MOST_TASKS),
    running: service.get('runningCount').count(MOST_TASKS),
    pending: service.get('pendingCount').count(MOST_TASKS),
    status: service.get('status').oneOf(['ACTIVE', 'DRAINING', 'INACTIVE']),
    deploying,
    ...(primary ? { deployment: primary.id } : {}),
    ...(deploying && begun.length > 0 ? { deployingSince: Math.max(...begun) } : {}),
    ...(primary?.failedTasks ? { failedTasks: primary.failedTasks } : {}),
    ...(trouble ? { trouble } : {}),
  };
}

/**
 * Returns the network configuration of a service; undefined outside awsvpc mode. It counts as absent only when the service's
 * deployments have none either.
 */
export function networkOf(service: Answer): NetworkState | undefined {
  const deployments = service.get('deployments').list();
  const network = service.get('networkConfiguration');
  if (!network.ifPresent) {
    const some = deployments.some((d) => d.get('networkConfiguration').ifPresent);
    return some ? network.refuse('that of the deployments') : undefined;
  }
  const vpc = network.get('awsvpcConfiguration');
  const subnets = vpc.get('subnets');
  const names = (list: Answer): string[] => list.list().map((item) => item.text());
  return {
    subnets: names(subnets).length > 0 ? names(subnets) : subnets.refuse('at least one subnet'),
    securityGroups: names(vpc.get('securityGroups')),
    assignPublicIp: vpc.get('assignPublicIp').oneOf(['ENABLED', 'DISABLED']),
  };
}

/** Returns the ARN of a service's task definition. */
export function taskDefinitionOf(service: Answer): string {
  return service.get('taskDefinition').matching(TASK_DEFINITION, 'the ARN of a task definition');
}

/** Returns the ARN of the tasks' role in a DescribeTaskDefinition answer; undefined when they have none. */
export function roleOf(output: unknown, asked: string): string | undefined {
  const definition = new Answer('ecs:DescribeTaskDefinition', output).get('taskDefinition');
  definition.get('taskDefinitionArn').exactly(asked);
  return definition.get('taskRoleArn').ifPresent?.matching(ROLE_ARN, 'the ARN of a role');
}

/** Returns the ARNs on a page of ListTasks. */
export function taskArnsOn(page: unknown): string[] {
  const arns = new Answer('ecs:ListTasks', page).get('taskArns').list();
  return arns.map((arn) => arn.matching(TASK_ARN, 'the ARN of a task'));
}

/** A task, as far as Sluice looks at it. Dates are epoch milliseconds. */
export interface SeenTask extends Partial<TaskRef> {
  arn: string;
  group: string;
  lastStatus: string;
  desiredStatus: string;
  createdAt?: number;
}

/** Returns the tasks of a DescribeTasks answer. Each task asked for must be there, or a failure must say why it is not. */
export function tasksIn(output: unknown, asked: readonly string[]): SeenTask[] {
  const answer = new Answer('ecs:DescribeTasks', output);
  const tasks = answer
    .get('tasks')
    .list()
    .map((task) => taskOf(task, asked));
  const gone = (answer.get('failures').ifPresent?.list() ?? []).map((failure) => failure.get('arn').text());
  const told = new Set([...tasks.map(({ arn }) => arn), ...gone]);
  const untold = asked.find((arn) => !told.has(arn));
  if (untold !== undefined) answer.refuse(`task ${lastSegment(untold)}, or why it is not there`);
  return tasks;
}

function taskOf(task: Answer, asked: readonly string[]): SeenTask {
  const startedAt = task.get('startedAt').ifPresent?.date();
  const createdAt = task.get('createdAt').ifPresent?.date();
  return {
    arn: task.get('taskArn').oneOf(asked, 'the ARN of a task that was asked for'),
    group: task.get('group').text(),
    lastStatus: task.get('lastStatus').text(),
    desiredStatus: task.get('desiredStatus').text(),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(createdAt === undefined ? {} : { createdAt }),
  };
}

/** Returns whether each task is protected. Each task asked for must be there, or a failure must say why it is not. */
export function protectionIn(output: unknown, asked: readonly string[]): Map<string, boolean> {
  const answer = new Answer('ecs:GetTaskProtection', output);
  const shown = new Map(
    answer
      .get('protectedTasks')
      .list()
      .map((task): [string, boolean] => [
        task.get('taskArn').oneOf(asked, 'the ARN of a task that was asked for'),
        task.get('protectionEnabled').flag(),
      ]),
  );
  const gone = (answer.get('failures').ifPresent?.list() ?? []).map((failure) => failure.get('arn').text());
  const untold = asked.find((arn) => !shown.has(arn) && !gone.includes(arn));
  if (untold !== undefined) answer.refuse(`task ${lastSegment(untold)}, or why it is not there`);
  return shown;
}

/** Returns the service of an UpdateService answer, which must be the one that was changed. */
export function updatedService(output: unknown, service: string): Answer {
  const updated = new Answer('ecs:UpdateService', output).get('service');
  updated.get('serviceName').exactly(lastSegment(service));
  return updated;
}
