/**
 * Makes what the Pulumi program asks for through AWS's own API: each resource type as the calls that its provider makes,
 * as far as the program uses it. The caller brings the client, so that the same table serves any endpoint.
 */
import type { Asked, Made } from './stack.ts';

export type Params = Record<string, unknown>;
/** Sends one call; `operation` as AWS names it, e.g. `CreateQueue`. */
export type Send = (service: string, operation: string, params: Params) => Promise<Params>;

const text = (value: unknown): string => String(value);
/** Only the members that are there. */
const given = (params: Params): Params =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
/** `{ awsvpcConfiguration }` out of the flat block that Pulumi has. */
function vpc(value: unknown): Params | undefined {
  const { subnets, securityGroups, assignPublicIp } = (value ?? {}) as Params;
  return value === undefined
    ? undefined
    : { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp: assignPublicIp ? 'ENABLED' : 'DISABLED' } };
}

type Maker = (send: Send, inputs: Params, asked: Asked) => Promise<Made>;

const queueAttributes = (inputs: Params): Params =>
  Object.fromEntries(
    Object.entries({
      MessageRetentionPeriod: inputs.messageRetentionSeconds,
      VisibilityTimeout: inputs.visibilityTimeoutSeconds,
      ReceiveMessageWaitTimeSeconds: inputs.receiveWaitTimeSeconds,
      SqsManagedSseEnabled: inputs.sqsManagedSseEnabled,
      RedrivePolicy: inputs.redrivePolicy,
      FifoQueue: inputs.fifoQueue,
      ContentBasedDeduplication: inputs.contentBasedDeduplication,
    }).flatMap(([name, value]) => (value === undefined ? [] : [[name, text(value)]])),
  );

const MAKERS: Record<string, Maker> = {
  'aws:ec2/vpc:Vpc': async (send, { cidrBlock: CidrBlock }) => {
    const { Vpc } = (await send('ec2', 'CreateVpc', { CidrBlock })) as { Vpc: { VpcId: string } };
    return { id: Vpc.VpcId, state: {} };
  },
  'aws:ec2/internetGateway:InternetGateway': async (send, { vpcId: VpcId }) => {
    const made = (await send('ec2', 'CreateInternetGateway', {})) as { InternetGateway: { InternetGatewayId: string } };
    const InternetGatewayId = made.InternetGateway.InternetGatewayId;
    await send('ec2', 'AttachInternetGateway', { InternetGatewayId, VpcId });
    return { id: InternetGatewayId, state: {} };
  },
  'aws:ec2/subnet:Subnet': async (send, { vpcId: VpcId, cidrBlock: CidrBlock, availabilityZone: AvailabilityZone }) => {
    const made = (await send('ec2', 'CreateSubnet', { VpcId, CidrBlock, AvailabilityZone })) as { Subnet: Params };
    return { id: text(made.Subnet.SubnetId), state: {} };
  },
  'aws:ec2/routeTable:RouteTable': async (send, { vpcId: VpcId, routes }) => {
    const made = (await send('ec2', 'CreateRouteTable', { VpcId })) as { RouteTable: Params };
    const RouteTableId = text(made.RouteTable.RouteTableId);
    for (const { cidrBlock, gatewayId } of routes as Params[])
      await send('ec2', 'CreateRoute', { RouteTableId, DestinationCidrBlock: cidrBlock, GatewayId: gatewayId });
    return { id: RouteTableId, state: {} };
  },
  'aws:ec2/routeTableAssociation:RouteTableAssociation': async (send, { subnetId, routeTableId }) => {
    const made = await send('ec2', 'AssociateRouteTable', { SubnetId: subnetId, RouteTableId: routeTableId });
    return { id: text(made.AssociationId), state: {} };
  },
  'aws:ec2/securityGroup:SecurityGroup': async (send, { vpcId: VpcId, description, egress }, { name: GroupName }) => {
    const made = await send('ec2', 'CreateSecurityGroup', { GroupName, VpcId, Description: description });
    const GroupId = text(made.GroupId);
    for (const rule of egress as Params[])
      await send('ec2', 'AuthorizeSecurityGroupEgress', {
        GroupId,
        IpPermissions: [
          {
            IpProtocol: rule.protocol,
            FromPort: rule.fromPort,
            ToPort: rule.toPort,
            IpRanges: (rule.cidrBlocks as string[]).map((CidrIp) => ({ CidrIp, Description: rule.description })),
          },
        ],
      });
    return { id: GroupId, state: {} };
  },
  'aws:iam/role:Role': async (send, { description, path, assumeRolePolicy }, { name }) => {
    const params = {
      RoleName: name,
      Path: path,
      Description: description,
      AssumeRolePolicyDocument: assumeRolePolicy,
    };
    const { Role } = (await send('iam', 'CreateRole', params)) as { Role: Params };
    return { id: name, state: { arn: Role.Arn, name } };
  },
  'aws:iam/rolePolicy:RolePolicy': async (send, { role, policy }, { name }) => {
    await send('iam', 'PutRolePolicy', { RoleName: role, PolicyName: name, PolicyDocument: policy });
    return { id: `${role}:${name}`, state: {} };
  },
  'aws:iam/policy:Policy': async (send, { policy, path, description }, { name }) => {
    const params = { PolicyName: name, Path: path, Description: description, PolicyDocument: policy };
    const { Policy } = (await send('iam', 'CreatePolicy', params)) as { Policy: Params };
    return { id: text(Policy.Arn), state: { arn: Policy.Arn, name } };
  },
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment': async (send, { role, policyArn }) => {
    await send('iam', 'AttachRolePolicy', { RoleName: role, PolicyArn: policyArn });
    return { id: `${role}-${policyArn}`, state: {} };
  },
  'aws:iam/serviceLinkedRole:ServiceLinkedRole': async (send, { awsServiceName }) => {
    const made = await send('iam', 'CreateServiceLinkedRole', { AWSServiceName: awsServiceName });
    return { id: text((made.Role as Params).Arn), state: { arn: (made.Role as Params).Arn } };
  },
  'aws:cloudwatch/logGroup:LogGroup': async (send, { name, retentionInDays }) => {
    await send('logs', 'CreateLogGroup', { logGroupName: name });
    await send('logs', 'PutRetentionPolicy', { logGroupName: name, retentionInDays });
    return { id: text(name), state: { name } };
  },
  'aws:cloudwatch/logMetricFilter:LogMetricFilter': async (send, inputs) => {
    const { name, namespace, value, unit } = inputs.metricTransformation as Params;
    await send('logs', 'PutMetricFilter', {
      logGroupName: inputs.logGroupName,
      filterName: inputs.name,
      filterPattern: inputs.pattern,
      metricTransformations: [{ metricName: name, metricNamespace: namespace, metricValue: value, unit }],
    });
    return { id: text(inputs.name), state: {} };
  },
  'aws:cloudwatch/eventRule:EventRule': async (send, { name, description, eventPattern }) => {
    const params = { Name: name, Description: description, EventPattern: eventPattern };
    const { RuleArn } = await send('events', 'PutRule', params);
    return { id: text(name), state: { name, arn: RuleArn } };
  },
  'aws:cloudwatch/eventTarget:EventTarget': async (send, { rule, targetId, arn }) => {
    const reply = await send('events', 'PutTargets', { Rule: rule, Targets: [{ Id: targetId, Arn: arn }] });
    if (reply.FailedEntryCount !== 0) throw new Error(`PutTargets: ${JSON.stringify(reply.FailedEntries)}`);
    return { id: text(targetId), state: {} };
  },
  'aws:sns/topic:Topic': async (send, { name }) => {
    const { TopicArn } = await send('sns', 'CreateTopic', { Name: name });
    return { id: text(TopicArn), state: { arn: TopicArn } };
  },
  'aws:sns/topicSubscription:TopicSubscription': async (send, { topic, protocol, endpoint }) => {
    const made = await send('sns', 'Subscribe', { TopicArn: topic, Protocol: protocol, Endpoint: endpoint });
    return { id: text(made.SubscriptionArn), state: {} };
  },
  'aws:cloudwatch/metricAlarm:MetricAlarm': async (send, inputs) => {
    const Dimensions = Object.entries((inputs.dimensions ?? {}) as Params).map(([Name, Value]) => ({ Name, Value }));
    const params = given({
      AlarmName: inputs.name,
      AlarmDescription: inputs.alarmDescription,
      AlarmActions: inputs.alarmActions,
      OKActions: inputs.okActions,
      Namespace: inputs.namespace,
      MetricName: inputs.metricName,
      Dimensions,
      Statistic: inputs.statistic,
      Period: inputs.period,
      EvaluationPeriods: inputs.evaluationPeriods,
      DatapointsToAlarm: inputs.datapointsToAlarm,
      Threshold: inputs.threshold,
      ComparisonOperator: inputs.comparisonOperator,
      TreatMissingData: inputs.treatMissingData,
    });
    await send('cloudwatch', 'PutMetricAlarm', params);
    return { id: text(inputs.name), state: {} };
  },
  'aws:cloudwatch/dashboard:Dashboard': async (send, { dashboardName, dashboardBody }) => {
    await send('cloudwatch', 'PutDashboard', { DashboardName: dashboardName, DashboardBody: dashboardBody });
    return { id: text(dashboardName), state: { dashboardName } };
  },
  'aws:sqs/queue:Queue': async (send, inputs) => {
    const { QueueUrl } = await send('sqs', 'CreateQueue', {
      QueueName: inputs.name,
      Attributes: queueAttributes(inputs),
    });
    const reply = await send('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
    return {
      id: text(QueueUrl),
      state: { url: QueueUrl, arn: (reply.Attributes as Params).QueueArn, name: inputs.name },
    };
  },
  'aws:sqs/queuePolicy:QueuePolicy': async (send, { queueUrl: QueueUrl, policy: Policy }) => {
    await send('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
    return { id: text(QueueUrl), state: {} };
  },
  'aws:dynamodb/table:Table': async (send, { name, billingMode, hashKey, attributes, deletionProtectionEnabled }) => {
    const made = await send('dynamodb', 'CreateTable', {
      TableName: name,
      BillingMode: billingMode,
      KeySchema: [{ AttributeName: hashKey, KeyType: 'HASH' }],
      AttributeDefinitions: (attributes as Params[]).map((a) => ({ AttributeName: a.name, AttributeType: a.type })),
      DeletionProtectionEnabled: deletionProtectionEnabled,
    });
    return { id: text(name), state: { name, arn: (made.TableDescription as Params).TableArn } };
  },
  'aws:ssm/parameter:Parameter': async (send, { name, type, tier, value, description }) => {
    await send(
      'ssm',
      'PutParameter',
      given({ Name: name, Type: type, Tier: tier, Value: value, Description: description }),
    );
    return { id: text(name), state: { name, arn: `arn:aws:ssm:us-east-1:000000000000:parameter${name}` } };
  },
  'aws:ecs/cluster:Cluster': async (send, { name, settings }) => {
    const { cluster } = (await send('ecs', 'CreateCluster', { clusterName: name, settings })) as { cluster: Params };
    return { id: text(cluster.clusterArn), state: { arn: cluster.clusterArn, name } };
  },
  'aws:ecs/taskDefinition:TaskDefinition': async (send, inputs) => {
    const { containerDefinitions, ...rest } = inputs;
    const params = { ...rest, containerDefinitions: JSON.parse(text(containerDefinitions)) };
    const { taskDefinition } = (await send('ecs', 'RegisterTaskDefinition', params)) as { taskDefinition: Params };
    return { id: text(inputs.family), state: { arn: taskDefinition.taskDefinitionArn } };
  },
  'aws:ecs/service:Service': async (send, inputs) => {
    const breaker = inputs.deploymentCircuitBreaker as Params;
    const params = given({
      cluster: inputs.cluster,
      serviceName: inputs.name,
      taskDefinition: inputs.taskDefinition,
      launchType: inputs.launchType,
      desiredCount: inputs.desiredCount,
      availabilityZoneRebalancing: inputs.availabilityZoneRebalancing,
      enableECSManagedTags: inputs.enableEcsManagedTags,
      propagateTags: inputs.propagateTags,
      deploymentConfiguration: given({
        minimumHealthyPercent: inputs.deploymentMinimumHealthyPercent,
        maximumPercent: inputs.deploymentMaximumPercent,
        deploymentCircuitBreaker: breaker,
      }),
      networkConfiguration: vpc(inputs.networkConfiguration),
    });
    const { service } = (await send('ecs', 'CreateService', params)) as { service: Params };
    return { id: text(service.serviceArn), state: { name: inputs.name, arn: service.serviceArn } };
  },
};

/** Makes one resource. @throws Error for a type that the table does not have, and what AWS throws */
export async function replay(send: Send, asked: Asked): Promise<Made> {
  const make = MAKERS[asked.type];
  if (!make) throw new Error(`test/support/replay.ts does not know how ${asked.type} is made`);
  const { id, state } = await make(send, asked.inputs, asked);
  return { id, state: { ...asked.inputs, ...state } };
}
