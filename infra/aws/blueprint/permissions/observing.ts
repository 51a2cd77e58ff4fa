/** The calls by which the reconciler sees queues, services, tasks and metrics. */
import { arnsOf } from '../arns.ts';
import type { Permission } from '../permission.ts';
import { type Scope, unique } from './scope.ts';

export function observing({ queues, deadLetters, services, faults, ...home }: Scope): Permission[] {
  const arn = arnsOf(home);
  const clusters = unique(services.map((s) => s.cluster));
  const held = 'the count is held: `read failed` with the action, and the condition Observed is False';
  const noTasks = '`part not read` is logged; start-up time stays unknown, and experiments find no task';
  const queue = { sid: 'ReadQueues', resources: queues.map(arn.queue), without: held };
  const dead = {
    sid: 'ReadDeadLetters',
    resources: deadLetters.map(arn.queue),
    feature: 'experiment reports',
    without: 'reports do not say how many messages went to the dead-letter queue',
  };
  const byName = { action: 'sqs:GetQueueUrl', madeBy: 'reconciler/aws/queue-url.ts' };
  const depth = { action: 'sqs:GetQueueAttributes', madeBy: 'reconciler/observe/sqs.ts' };
  return [
    { ...queue, ...byName, feature: 'queue by name' },
    { ...queue, ...depth, feature: 'queue depth' },
    ...(deadLetters.length > 0
      ? [
          { ...dead, ...byName },
          { ...dead, ...depth },
        ]
      : []),
    {
      sid: 'ReadServices',
      action: 'ecs:DescribeServices',
      resources: services.map(arn.service),
      feature: 'service counts',
      madeBy: 'reconciler/observe/ecs.ts',
      without: held,
    },
    {
      sid: 'ListTasks',
      action: 'ecs:ListTasks',
      // Its only resource type is the container instance; AWS's own example holds it by the cluster.
      resources: ['*'],
      condition: { ArnLike: { 'ecs:cluster': clusters.map(arn.cluster) } },
      feature: 'task counts',
      madeBy: 'reconciler/observe/tasks.ts',
      without: noTasks,
      wide: 'lists all tasks of the clusters; IAM has no key for the service',
    },
    {
      sid: 'ReadTasks',
      action: 'ecs:DescribeTasks',
      resources: clusters.map(arn.tasks),
      feature: 'task counts',
      madeBy: 'reconciler/observe/tasks.ts',
      without: noTasks,
      wide: 'describes all tasks of the clusters; the ARN of a task does not hold its service',
    },
    {
      sid: 'ReadProtection',
      action: 'ecs:GetTaskProtection',
      resources: clusters.map(arn.tasks),
      feature: 'task protection',
      madeBy: 'reconciler/observe/protection.ts',
      without:
        '`part not read` is logged; `targetWait` shrinks at calm moments only, unless it has `taskProtection: true`',
      wide: 'asks for all tasks of the clusters; the ARN of a task does not hold its service',
    },
    {
      sid: 'ReadMetrics',
      action: 'cloudwatch:GetMetricData',
      resources: ['*'],
      feature: 'age and rates of messages',
      madeBy: 'reconciler/observe/cloudwatch.ts',
      without: '`part not read` is logged; rules and alerts on age and rates see nothing',
      wide: 'reads every metric of the Region; IAM cannot narrow it to a namespace',
    },
    ...(faults.alarms
      ? [
          {
            sid: 'ReadAlarms',
            action: 'cloudwatch:DescribeAlarms',
            resources: ['*'],
            feature: 'alarms in pauseWhile and stopWhen',
            madeBy: 'reconciler/observe/alarms.ts',
            without: 'a `pauseWhile` pauses scale-up, and an experiment with an alarm in `stopWhen` does not start',
            wide: 'describes every alarm; with a narrower resource AWS leaves composite alarms out of the answer',
          },
        ]
      : []),
  ];
}
