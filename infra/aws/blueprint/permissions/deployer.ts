/** The calls of whoever deploys a stack: creating, reading, changing and deleting each kind of its resources. */
import { arnsOf, type Home } from '../arns.ts';
import type { Condition, Permission } from '../permission.ts';

export interface DeployerScope {
  /** The stem of every resource's name, such as `sluice-prod`. */
  name: string;
  /** The path below which the stack keeps its parameters; it starts and ends in a slash. */
  root: string;
  logGroup: string;
  rolePath: string;
  permissionsBoundary?: string | undefined;
  kmsKeyArn?: string | undefined;
  /** The stack makes a network of its own. */
  makesNetwork: boolean;
  dashboard: boolean;
}

interface Group {
  sid: string;
  /** The resources that the calls are for. */
  feature: string;
  service: string;
  calls: string;
  resources: string[];
  condition?: Condition;
  wide?: string;
}

const NO_RESOURCE = 'IAM knows no resource for it';

/** Returns the calls that `pulumi up`, `refresh` and `destroy` make for a stack. */
export function deployerPermissions(home: Home, scope: DeployerScope): Permission[] {
  const groups = [
    ...containers(home, scope),
    ...roles(home, scope),
    ...watching(home, scope),
    ...queuesAndParameters(home, scope),
    ...(scope.kmsKeyArn === undefined ? [] : [encryption(scope.kmsKeyArn)]),
    ...network(scope.makesNetwork),
  ];
  return groups.flatMap(({ service, calls, ...group }) =>
    calls.split(' ').map((call) => ({
      ...group,
      action: `${service}:${call}`,
      madeBy: 'infra/aws/stack.ts',
      without: '`pulumi up` or `destroy` stops at that resource, and AWS names the action',
    })),
  );
}

function containers(home: Home, { name }: DeployerScope): Group[] {
  const arn = arnsOf(home);
  const taskDefinitions = `arn:${home.partition}:ecs:${home.region}:${home.accountId}:task-definition/${name}*`;
  const ecs = { service: 'ecs', feature: 'cluster, services, task definitions' };
  const tags = 'TagResource UntagResource ListTagsForResource';
  return [
    {
      ...ecs,
      sid: 'Services',
      calls: `CreateService UpdateService DeleteService DescribeServices ${tags}`,
      resources: [arn.service({ cluster: '*', service: `${name}*` })],
    },
    {
      ...ecs,
      sid: 'Clusters',
      calls: `CreateCluster UpdateCluster UpdateClusterSettings DeleteCluster DescribeClusters ${tags}`,
      resources: [arn.cluster(name)],
    },
    {
      ...ecs,
      sid: 'TaskDefinitions',
      calls: `RegisterTaskDefinition ${tags}`,
      resources: [`${taskDefinitions}:*`],
    },
    {
      ...ecs,
      sid: 'AnyTaskDefinition',
      calls: 'DeregisterTaskDefinition DescribeTaskDefinition',
      resources: ['*'],
      wide: NO_RESOURCE,
    },
  ];
}

function roles({ partition, accountId }: Home, { name, rolePath, permissionsBoundary }: DeployerScope): Group[] {
  const own = (kind: string): string => `arn:${partition}:iam::${accountId}:${kind}${rolePath}${name}-*`;
  const iam = { service: 'iam', feature: "the tasks' roles" };
  return [
    {
      ...iam,
      sid: 'CreateRoles',
      calls: 'CreateRole PutRolePolicy AttachRolePolicy DetachRolePolicy DeleteRolePolicy PutRolePermissionsBoundary',
      resources: [own('role')],
      ...(permissionsBoundary === undefined
        ? {}
        : { condition: { StringEquals: { 'iam:PermissionsBoundary': permissionsBoundary } } }),
    },
    {
      ...iam,
      sid: 'Roles',
      calls:
        'GetRole DeleteRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy TagRole UntagRole GetRolePolicy ListRolePolicies ListAttachedRolePolicies ListInstanceProfilesForRole',
      resources: [own('role')],
    },
    {
      ...iam,
      sid: 'RolePolicies',
      calls:
        'CreatePolicy DeletePolicy GetPolicy GetPolicyVersion ListPolicyVersions CreatePolicyVersion DeletePolicyVersion TagPolicy UntagPolicy',
      resources: [own('policy')],
    },
    {
      ...iam,
      sid: 'PassRoles',
      calls: 'PassRole',
      resources: [own('role')],
      condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
    {
      ...iam,
      sid: 'ServiceLinkedRole',
      feature: "ECS's own role, in an account that never used ECS",
      calls: 'CreateServiceLinkedRole GetRole',
      resources: [`arn:${partition}:iam::${accountId}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`],
    },
  ];
}

function watching(home: Home, { name, logGroup, dashboard }: DeployerScope): Group[] {
  const { partition, region, accountId } = home;
  const group = `arn:${partition}:logs:${region}:${accountId}:log-group:${logGroup}`;
  const tags = 'TagResource UntagResource ListTagsForResource';
  return [
    {
      sid: 'LogGroups',
      feature: 'log',
      service: 'logs',
      calls: `CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy AssociateKmsKey DisassociateKmsKey PutMetricFilter DeleteMetricFilter DescribeMetricFilters ${tags}`,
      resources: [group, `${group}:*`],
    },
    {
      sid: 'ListLogGroups',
      feature: 'log',
      service: 'logs',
      calls: 'DescribeLogGroups',
      resources: ['*'],
      wide: 'lists',
    },
    {
      sid: 'Alarms',
      feature: 'alarms',
      service: 'cloudwatch',
      calls: `PutMetricAlarm DeleteAlarms DescribeAlarms ${tags}`,
      resources: [arnsOf(home).alarms(`${name}-*`)],
    },
    ...(dashboard
      ? [
          {
            sid: 'Dashboard',
            feature: 'dashboard',
            service: 'cloudwatch',
            calls: 'PutDashboard GetDashboard DeleteDashboards',
            resources: [`arn:${partition}:cloudwatch::${accountId}:dashboard/${name}`],
          },
        ]
      : []),
    {
      sid: 'Topic',
      feature: "the alarms' topic",
      service: 'sns',
      calls: `CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes Subscribe ${tags}`,
      resources: [`arn:${partition}:sns:${region}:${accountId}:${name}`],
    },
    {
      sid: 'Subscriptions',
      feature: "the alarms' topic",
      service: 'sns',
      calls: 'GetSubscriptionAttributes Unsubscribe',
      resources: ['*'],
      wide: NO_RESOURCE,
    },
  ];
}

function queuesAndParameters(home: Home, { name, root }: DeployerScope): Group[] {
  const { partition, region, accountId } = home;
  const arn = arnsOf(home);
  return [
    {
      sid: 'Queues',
      feature: 'the queue of change events, and the demo',
      service: 'sqs',
      calls:
        'CreateQueue DeleteQueue GetQueueUrl GetQueueAttributes SetQueueAttributes ListQueueTags TagQueue UntagQueue',
      resources: [arn.queue(`${name}-*`)],
    },
    {
      sid: 'LeaseTable',
      feature: 'lease of two reconcilers',
      service: 'dynamodb',
      calls:
        'CreateTable DeleteTable DescribeTable UpdateTable DescribeContinuousBackups DescribeTimeToLive TagResource UntagResource ListTagsOfResource',
      resources: [`arn:${partition}:dynamodb:${region}:${accountId}:table/${name}*`],
    },
    {
      sid: 'ChangeEvents',
      feature: 'wake-up',
      service: 'events',
      calls:
        'PutRule DeleteRule DescribeRule PutTargets RemoveTargets ListTargetsByRule TagResource UntagResource ListTagsForResource',
      resources: [`arn:${partition}:events:${region}:${accountId}:rule/${name}-*`],
    },
    {
      sid: 'Parameters',
      feature: 'policies and token',
      service: 'ssm',
      calls:
        'PutParameter GetParameter GetParameters DeleteParameter AddTagsToResource RemoveTagsFromResource ListTagsForResource',
      resources: [arn.parameter(`${root}*`)],
    },
    {
      sid: 'ListParameters',
      feature: 'policies and token',
      service: 'ssm',
      calls: 'DescribeParameters',
      resources: ['*'],
      wide: 'lists names, without values',
    },
  ];
}

const encryption = (key: string): Group => ({
  sid: 'Encryption',
  feature: 'the key of log, topic and token',
  service: 'kms',
  calls: 'DescribeKey Encrypt Decrypt GenerateDataKey',
  resources: [key],
});

/** EC2 gives no names before it makes things, and its reads take no resource. */
function network(makes: boolean): Group[] {
  const ec2 = { service: 'ec2', feature: 'network', resources: ['*'] };
  const reading: Group = {
    ...ec2,
    sid: 'ReadNetwork',
    calls:
      'DescribeVpcs DescribeVpcAttribute DescribeSubnets DescribeInternetGateways DescribeRouteTables DescribeSecurityGroups DescribeSecurityGroupRules DescribeNetworkInterfaces DescribeNetworkAcls DescribeAvailabilityZones',
    wide: NO_RESOURCE,
  };
  const group: Group = {
    ...ec2,
    sid: 'SecurityGroup',
    calls:
      'CreateSecurityGroup DeleteSecurityGroup AuthorizeSecurityGroupEgress RevokeSecurityGroupEgress AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress CreateTags DeleteTags',
    wide: 'their ids are not known before they are made',
  };
  const own: Group = {
    ...ec2,
    sid: 'Network',
    calls:
      'CreateVpc DeleteVpc ModifyVpcAttribute CreateSubnet DeleteSubnet ModifySubnetAttribute CreateInternetGateway DeleteInternetGateway AttachInternetGateway DetachInternetGateway CreateRouteTable DeleteRouteTable CreateRoute DeleteRoute AssociateRouteTable DisassociateRouteTable',
    wide: 'their ids are not known before they are made',
  };
  return makes ? [reading, group, own] : [reading, group];
}
