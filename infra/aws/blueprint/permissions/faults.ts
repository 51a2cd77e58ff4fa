/** The calls that inject and revert chaos faults. Each fault brings its own grants and no other. */
import { arnsOf } from '../arns.ts';
import type { Permission } from '../permission.ts';
import { type Scope, unique } from './scope.ts';

export function injecting({ queues, services, faults, ...home }: Scope): Permission[] {
  const arn = arnsOf(home);
  const permissions: Permission[] = [];
  if (faults.stopTask)
    permissions.push({
      sid: 'StopTasks',
      action: 'ecs:StopTask',
      resources: unique(services.map((s) => s.cluster)).map(arn.tasks),
      feature: 'fault stopTask',
      madeBy: 'reconciler/act/ecs.ts',
      without: 'a stopTask experiment ends with an error that names the action',
      wide: 'stops any task of the clusters; the ARN of a task does not hold its service',
    });
  if (faults.queuePolicy)
    permissions.push(
      {
        sid: 'EditQueuePolicy',
        action: 'sqs:SetQueueAttributes',
        resources: queues.map(arn.queue),
        feature: 'fault partition (queuePolicy)',
        madeBy: 'reconciler/act/sqs.ts',
        without: 'a partition by queue policy ends with an error that names the action',
        wide: 'sets every attribute of the queues; IAM has no key for the attribute',
      },
      {
        sid: 'FindWorkersRole',
        action: 'ecs:DescribeTaskDefinition',
        resources: ['*'],
        feature: 'fault partition (queuePolicy)',
        madeBy: 'reconciler/observe/service-detail.ts',
        without: 'a partition by queue policy without `principals` is refused, with an error that names the action',
        wide: 'describes every task definition; IAM knows no resource for it',
      },
    );
  const { flagPrefix } = faults;
  if (flagPrefix !== undefined) {
    const flags = {
      sid: 'SetFlags',
      resources: [arn.parameter(`${flagPrefix}*`)],
      feature: 'fault partition (processingFlag)',
      madeBy: 'reconciler/aws/parameters.ts',
      without: 'a partition by flag is refused or fails, with an error that names the action',
    };
    permissions.push({ ...flags, action: 'ssm:GetParameter' }, { ...flags, action: 'ssm:PutParameter' });
  }
  return permissions;
}
