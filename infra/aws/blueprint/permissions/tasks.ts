/** The calls of the other roles: those that ECS itself takes on, and the demo workers'. */
import { arnsOf, type Home } from '../arns.ts';
import type { Permission } from '../permission.ts';

export interface ExecutionScope {
  logGroup: string;
  /** The ECR repository of the image; none for a public image. */
  repositoryArn?: string | undefined;
  /** Names of the parameters that become variables of the container. */
  secretParameters: string[];
  /** The key that the secrets are encrypted with; none for the account's default key of SSM. */
  kmsKeyArn?: string | undefined;
}

/**
 * Returns the calls that the ECS agent makes, as the execution role, to start a container. The grants are narrower than
 * the managed AmazonECSTaskExecutionRolePolicy.
 */
export function executionPermissions(
  home: Home,
  { logGroup, repositoryArn, secretParameters, kmsKeyArn }: ExecutionScope,
): Permission[] {
  const arn = arnsOf(home);
  const made = { madeBy: 'the ECS agent' };
  const permissions: Permission[] = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
    ...made,
    sid: 'WriteLogs',
    action,
    resources: [arn.logStreams(logGroup)],
    feature: 'logs',
    without: 'the task does not start: ResourceInitializationError, or it starts and leaves no log',
  }));
  if (repositoryArn !== undefined) {
    const image = { ...made, feature: 'image', without: 'the task does not start: CannotPullContainerError' };
    const pull = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];
    permissions.push(
      {
        ...image,
        sid: 'LogInToEcr',
        action: 'ecr:GetAuthorizationToken',
        resources: ['*'],
        wide: 'logs in to the registry of the account; IAM knows no resource for it',
      },
      ...pull.map((action) => ({ ...image, sid: 'PullImage', action, resources: [repositoryArn] })),
    );
  }
  const secret = { ...made, feature: 'bearer token', without: 'the task does not start: ResourceInitializationError' };
  if (secretParameters.length > 0)
    permissions.push({
      ...secret,
      sid: 'ReadSecrets',
      action: 'ssm:GetParameters',
      resources: secretParameters.map(arn.parameter),
    });
  if (secretParameters.length > 0 && kmsKeyArn !== undefined)
    permissions.push({ ...secret, sid: 'DecryptSecrets', action: 'kms:Decrypt', resources: [kmsKeyArn] });
  return permissions;
}

/** Returns the calls of the demo workers; a start for the role of your own workers. */
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
      without: 'workers receive no message, or receive each one again and again',
    })),
    {
      sid: 'ProtectMyself',
      action: 'ecs:UpdateTaskProtection',
      resources: [arn.tasks(cluster)],
      feature: 'scale-in protection',
      madeBy: 'examples/worker/protection.ts',
      without: 'ECS may stop a busy worker; another worker then receives its message again',
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
