/** Lists the calls of the other roles: the role that ECS itself takes on, and the role of the demo workers. */
import type { Permission } from '../policy-document.ts';
import { arnsOf, type Home } from '../reach.ts';

/**
 * Returns the calls of the execution role, with which ECS starts a container. AmazonECSTaskExecutionRolePolicy grants
 * more.
 */
export function executionPermissions(
  home: Home,
  {
    logGroup,
    repositoryArn,
    secretParameters,
  }: { logGroup: string; repositoryArn?: string; secretParameters: string[] },
): Permission[] {
  const { partition, region, accountId } = home;
  const group = `arn:${partition}:logs:${region}:${accountId}:log-group:${logGroup}:log-stream:*`;
  const made = { madeBy: 'the ECS agent' };
  const permissions: Permission[] = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
    ...made,
    sid: 'WriteLogs',
    action,
    resources: [group],
    feature: 'logs',
    without: 'the task does not start: ResourceInitializationError, or it starts and leaves no log',
  }));
  if (repositoryArn !== undefined) {
    const without = 'the task does not start: CannotPullContainerError';
    const pull = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];
    permissions.push(
      { ...made, sid: 'LogInToEcr', action: 'ecr:GetAuthorizationToken', resources: ['*'], feature: 'image', without },
      ...pull.map((action) => ({
        ...made,
        sid: 'PullImage',
        action,
        resources: [repositoryArn],
        feature: 'image',
        without,
      })),
    );
  }
  if (secretParameters.length > 0)
    permissions.push({
      ...made,
      sid: 'ReadSecrets',
      action: 'ssm:GetParameters',
      resources: secretParameters.map(arnsOf(home).parameter),
      feature: 'bearer token',
      without: 'the task does not start: ResourceInitializationError',
    });
  return permissions;
}

/** Returns the calls of the demo workers. They are a start for the role of your own workers. */
export function workerPermissions(
  home: Home,
  { queue, cluster, flag }: { queue: string; cluster: string; flag?: string },
): Permission[] {
  const arn = arnsOf(home);
  const receiving = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'];
  return [
    ...receiving.map((action) => ({
      sid: 'WorkQueue',
      action,
      resources: [arn.queue(queue)],
      feature: 'work',
      madeBy: 'examples/worker/queue.ts',
      without: 'no message is worked on, or each is worked on again and again',
    })),
    {
      sid: 'ProtectMyself',
      action: 'ecs:UpdateTaskProtection',
      resources: [arn.tasks(cluster)],
      condition: { ArnEquals: { 'ecs:cluster': [arn.cluster(cluster)] } },
      feature: 'scale-in protection',
      madeBy: 'examples/worker/protection.ts',
      without: 'ECS may stop a worker that is busy; its message is worked on again',
    },
    ...(flag === undefined
      ? []
      : [
          {
            sid: 'ReadFlag',
            action: 'ssm:GetParameter',
            resources: [arn.parameter(flag)],
            feature: 'fault partition (processingFlag)',
            madeBy: 'examples/worker/flag.ts',
            without: 'the flag changes nothing',
          },
        ]),
  ];
}
