/** Lists the calls of chaos experiments. A fault that the stack does not allow adds none. */
import type { Permission } from '../policy-document.ts';
import { arnsOf, clustersOf, inClusters, type Scope } from '../reach.ts';

/** Returns the calls that the allowed faults need; none if the stack allows no fault. */
export function chaosPermissions(scope: Scope): Permission[] {
  const { faults } = scope;
  const { stopTask, queuePolicy, securityGroupSubnets, flagPrefix } = faults;
  if (!stopTask && !queuePolicy && securityGroupSubnets.length === 0 && flagPrefix === undefined) return [];
  return [...experiments(scope), ...injecting(scope)];
}

/** Returns the reads of every experiment, whatever its fault. */
function experiments({ deadLetters, faults, ...home }: Scope): Permission[] {
  const arn = arnsOf(home);
  const permissions: Permission[] = [];
  if (deadLetters.length > 0)
    for (const action of ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'])
      permissions.push({
        sid: 'ReadDeadLetters',
        action,
        resources: deadLetters.map(arn.queue),
        feature: 'experiment reports',
        madeBy: action === 'sqs:GetQueueUrl' ? 'reconciler/aws/queue-url.ts' : 'reconciler/observe/sqs.ts',
        without: 'reports do not say how many messages went to the dead-letter queue',
      });
  if (faults.alarms.length > 0)
    permissions.push({
      sid: 'ReadAlarms',
      action: 'cloudwatch:DescribeAlarms',
      resources: faults.alarms.map(arn.alarm),
      feature: 'stopWhen alarm',
      madeBy: 'reconciler/observe/chaos.ts',
      without: 'an experiment with an alarm in `stopWhen` does not start',
    });
  return permissions;
}

function injecting({ queues, services, faults, ...home }: Scope): Permission[] {
  const arn = arnsOf(home);
  const clusters = clustersOf(services);
  const permissions: Permission[] = [];
  if (faults.stopTask)
    permissions.push({
      sid: 'StopTasks',
      action: 'ecs:StopTask',
      resources: clusters.map(arn.tasks),
      condition: inClusters(clusters.map(arn.cluster)),
      feature: 'fault stopTask',
      madeBy: 'reconciler/act/ecs.ts',
      without: 'a stopTask experiment ends with an error that names the action',
    });
  if (faults.queuePolicy)
    permissions.push({
      sid: 'EditQueuePolicy',
      action: 'sqs:SetQueueAttributes',
      // IAM cannot narrow it to the attribute Policy, hence the switch in the stack.
      resources: queues.map(arn.queue),
      feature: 'fault partition (queuePolicy)',
      madeBy: 'reconciler/act/sqs.ts',
      without: 'a partition by queue policy ends with an error that names the action',
    });
  if (faults.queuePolicy)
    permissions.push({
      sid: 'FindWorkersRole',
      action: 'ecs:DescribeTaskDefinition',
      // IAM knows no resource for it.
      resources: ['*'],
      feature: 'fault partition (queuePolicy)',
      madeBy: 'reconciler/observe/service-detail.ts',
      without: 'a partition by queue policy without `principals` is refused, with an error that names the action',
    });
  const { flagPrefix } = faults;
  if (flagPrefix !== undefined)
    for (const action of ['ssm:GetParameter', 'ssm:PutParameter'])
      permissions.push({
        sid: 'SetFlags',
        action,
        resources: [arn.parameter(`${flagPrefix}*`)],
        feature: 'fault partition (processingFlag)',
        madeBy: 'reconciler/aws/parameters.ts',
        without: 'a partition by flag is refused or fails, with an error that names the action',
      });
  return permissions;
}
