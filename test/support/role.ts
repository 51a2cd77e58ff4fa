/** The reconciler under its role's policy, on the embedded AWS: what it reads and writes, feature by feature. */
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { LEASE_TABLE } from '../../infra/aws/blueprint/lease-table.ts';
import type { Permission, Refusal } from '../../infra/aws/blueprint/permission.ts';
import { policyDocument } from '../../infra/aws/blueprint/policy-document.ts';
import { createCloudWatch } from '../../infra/local/cloudwatch/index.ts';
import { createDynamoDb } from '../../infra/local/dynamodb/index.ts';
import { createEcs, type Ecs } from '../../infra/local/ecs/index.ts';
import { enforce } from '../../infra/local/enforce.ts';
import type { Statement } from '../../infra/local/iam.ts';
import { parsePolicy } from '../../infra/local/iam-parse.ts';
import { type LocalAws, startLocalAws } from '../../infra/local/index.ts';
import type { CallRecord } from '../../infra/local/service.ts';

export const ROLE = 'sluice-reconciler';
export const HOME = { partition: 'aws', region: 'us-east-1', accountId: '000000000000' };

export interface Estate {
  cloud: LocalAws;
  /** Calls of the reconciler's role, in order. */
  calls: CallRecord[];
  /** From now on the role may do just this. */
  grant: (permissions: readonly Permission[], refusals?: readonly Refusal[]) => void;
  sqs: SQSClient;
  ssm: SSMClient;
  queueUrl: string;
  changesUrl: string;
  put: (name: string, value: string) => Promise<unknown>;
  /** All tasks that there are or were, oldest first. */
  taskArns: () => string[];
  close: () => Promise<void>;
}

/**
 * Queues `jobs` (with `jobs-dead`) and `changes`, the table `leases`, service `demo/workers` of two processes, and an alarm. From here on
 * this process's environment holds the role's credentials; `sqs` and `ssm` are root's.
 */
export async function startEstate(command = ['sleep', '300']): Promise<Estate> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const calls: CallRecord[] = [];
  let statements: Statement[] = [];
  let ecsService: Ecs;
  const cloud = await startLocalAws({
    port: 0,
    ...HOME,
    onCall: (record) => {
      if (record.principalArn.endsWith(`/${ROLE}`)) calls.push(record);
    },
    faults: (call) => enforce({ [ROLE]: statements }, HOME)(call),
    services: [
      (context) => {
        ecsService = createEcs(context, { startUpMs: 20 });
        return ecsService;
      },
      (context) => createCloudWatch(context, { ecs: ecsService, publishPeriodMs: 1_000 }),
      createDynamoDb(),
    ],
  });
  const { accessKeyId, secretAccessKey } = cloud.rootKey;
  const client = { endpoint: cloud.url, region: HOME.region, credentials: { accessKeyId, secretAccessKey } };
  const sqs = new SQSClient({ ...client, useQueueUrlAsEndpoint: false });
  const ssm = new SSMClient(client);
  const ecs = new ECSClient(client);
  const dynamodb = new DynamoDBClient(client);
  const cloudwatch = new CloudWatchClient({ ...client, disableRequestCompression: true });
  const queue = async (QueueName: string, Attributes = {}): Promise<string> =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
  await queue('jobs-dead');
  const deadLetterTargetArn = `arn:aws:sqs:${HOME.region}:${HOME.accountId}:jobs-dead`;
  const queueUrl = await queue('jobs', { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 5 }) });
  const changesUrl = await queue('changes');
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'leases',
      BillingMode: LEASE_TABLE.billingMode,
      KeySchema: [{ AttributeName: LEASE_TABLE.key, KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: LEASE_TABLE.key, AttributeType: 'S' }],
    }),
  );
  await ecs.send(new CreateClusterCommand({ clusterName: 'demo' }));
  const taskRoleArn = `arn:aws:iam::${HOME.accountId}:role/worker`;
  const containerDefinitions = [{ name: 'w', image: 'w', memory: 64, command }];
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'workers',
      networkMode: 'awsvpc',
      taskRoleArn,
      containerDefinitions,
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
    }),
  );
  await ecs.send(
    new CreateServiceCommand({
      cluster: 'demo',
      serviceName: 'workers',
      taskDefinition: 'workers',
      desiredCount: 2,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'] } },
    }),
  );
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'jobs-too-old',
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: 'jobs' }],
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 3_600,
      ComparisonOperator: 'GreaterThanThreshold',
    }),
  );
  const key = cloud.credentials.issue({ roleName: ROLE, sessionName: 'test' });
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_SESSION_TOKEN: key.sessionToken,
    AWS_REGION: HOME.region,
  });
  return {
    cloud,
    calls,
    grant: (permissions, refusals = []) => {
      const document = policyDocument(permissions, refusals);
      statements = document.Statement.length === 0 ? [] : parsePolicy(JSON.stringify(document), 'identity');
    },
    sqs,
    ssm,
    queueUrl,
    changesUrl,
    put: (Name, Value) => ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true })),
    taskArns: () => ecsService.tasks().map((task) => task.arn),
    close: async () => {
      for (const each of [sqs, ssm, ecs, cloudwatch, dynamodb]) each.destroy();
      await cloud.close();
    },
  };
}

/** The whole policy of the reconciler for the estate: every fault on. */
export const ESTATE_SCOPE = {
  ...HOME,
  prefix: '/sluice/policies/',
  statusPrefix: '/sluice/status/',
  requestsPrefix: '/sluice/requests/',
  heartbeat: '/sluice/reconciler',
  queues: ['jobs'],
  deadLetters: ['jobs-dead'],
  services: [{ cluster: 'demo', service: 'workers' }],
  wakeQueue: 'changes',
  leaseTable: 'leases',
  faults: {
    stopTask: true,
    queuePolicy: true,
    securityGroupSubnets: ['subnet-1'],
    flagPrefix: '/sluice/flags/',
    alarms: true,
  },
};
