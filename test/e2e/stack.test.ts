/**
 * The stack of infra/aws/Pulumi.local.yaml with a demo fleet, made on the embedded AWS: its ECS then runs the reconciler and
 * the workers from the program's own task definitions, each under the policy that the program gave its role.
 */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import * as cloudwatchSdk from '@aws-sdk/client-cloudwatch';
import * as dynamodbSdk from '@aws-sdk/client-dynamodb';
import * as ecsSdk from '@aws-sdk/client-ecs';
import * as sqsSdk from '@aws-sdk/client-sqs';
import * as ssmSdk from '@aws-sdk/client-ssm';
import { suite } from 'uvu';
import { createCloudWatch } from '../../infra/local/cloudwatch/index.ts';
import { createDynamoDb } from '../../infra/local/dynamodb/index.ts';
import { createEcs, type Ecs } from '../../infra/local/ecs/index.ts';
import { enforce } from '../../infra/local/enforce.ts';
import type { Statement } from '../../infra/local/iam.ts';
import { parsePolicy } from '../../infra/local/iam-parse.ts';
import { startLocalAws } from '../../infra/local/index.ts';
import type { CallRecord } from '../../infra/local/service.ts';
import { type Params, replay, type Send } from '../support/replay.ts';
import { type Asked, type Made, pretend, runStack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { run, SLUICE } from '../support/up.ts';

const HOME = { region: 'us-east-1', accountId: '000000000000' };
const NAME = 'sluice-local';
const SERVED = ['sqs', 'ssm', 'ecs', 'cloudwatch', 'dynamodb'];
const policies: Record<string, Statement[]> = {};
const calls: CallRecord[] = [];
let ecs: Ecs;

// The bundle, which the tasks run, is made by the first command.
await run(process.execPath, [SLUICE, '--version'], {});
const cloud = await startLocalAws({
  port: 0,
  ...HOME,
  onCall: (record) => calls.push(record),
  faults: (call) => enforce(policies, HOME)(call),
  services: [
    (context) => {
      ecs = createEcs(context, { startUpMs: 50 });
      return ecs;
    },
    (context) => createCloudWatch(context, { ecs, publishPeriodMs: 1_000 }),
    createDynamoDb(),
  ],
});
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const { accessKeyId, secretAccessKey } = cloud.rootKey;
const options = { endpoint: cloud.url, region: HOME.region, credentials: { accessKeyId, secretAccessKey } };
const clients: Record<
  string,
  { client: { send(command: object): Promise<object>; destroy(): void }; commands: object }
> = {
  sqs: { client: new sqsSdk.SQSClient({ ...options, useQueueUrlAsEndpoint: false }) as never, commands: sqsSdk },
  ssm: { client: new ssmSdk.SSMClient(options) as never, commands: ssmSdk },
  dynamodb: { client: new dynamodbSdk.DynamoDBClient(options) as never, commands: dynamodbSdk },
  ecs: { client: new ecsSdk.ECSClient(options) as never, commands: ecsSdk },
  cloudwatch: {
    client: new cloudwatchSdk.CloudWatchClient({ ...options, disableRequestCompression: true }) as never,
    commands: cloudwatchSdk,
  },
};

/** One call through the AWS SDK. */
const send: Send = async (service, operation, params) => {
  const { client, commands } = clients[service]!;
  const Command = (commands as Record<string, new (params: Params) => object>)[`${operation}Command`]!;
  return (await client.send(
    new Command(operation === 'RegisterTaskDefinition' ? asProcesses(params) : params),
  )) as Params;
};

/** Plays the image's ENTRYPOINT: here the tasks are processes of this checkout. */
function asProcesses(params: Params): Params {
  const programs: Record<string, string[]> = {
    run: [process.execPath, SLUICE, 'run', '--port', '0'],
    worker: [process.execPath, fileURLToPath(new URL('../../dist/worker.js', import.meta.url))],
  };
  const containerDefinitions = (params.containerDefinitions as { command: string[] }[]).map((container) => ({
    ...container,
    command: programs[container.command[0]!],
  }));
  return { ...params, containerDefinitions };
}

/** Roles and their policies are kept here, to be enforced; what else the embedded AWS does not have is pretended. */
async function make(asked: Asked): Promise<Made> {
  const service = asked.type.split(/[:/]/)[1]!;
  if (asked.type === 'aws:iam/role:Role')
    return { id: asked.name, state: { arn: `arn:aws:iam::${HOME.accountId}:role/${asked.name}`, name: asked.name } };
  if (asked.type === 'aws:iam/rolePolicy:RolePolicy')
    policies[String(asked.inputs.role)] = parsePolicy(String(asked.inputs.policy), 'identity');
  const served = SERVED.includes(service) && !/log|event|dashboard/i.test(asked.type);
  return served ? replay(send, asked) : pretend(asked);
}

const test = suite('the stack on the embedded AWS');
const byRole = (role: string): CallRecord[] => calls.filter((c) => c.principalArn.endsWith(`role/${NAME}-${role}`));
const shown = (): string =>
  byRole('reconciler')
    .slice(-20)
    .map((c) => `${c.service}:${c.action} ${c.status} ${c.error ?? ''}`)
    .join('\n');
const describe = async (service: string) =>
  ((await send('ecs', 'DescribeServices', { cluster: NAME, services: [service] })) as { services: ecsSdk.Service[] })
    .services[0]!;
const queueUrl = async (name: string): Promise<string> =>
  String((await send('sqs', 'GetQueueUrl', { QueueName: name })).QueueUrl);
const depth = async (name: string): Promise<number> => {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
  const reply = await send('sqs', 'GetQueueAttributes', { QueueUrl: await queueUrl(name), AttributeNames: names });
  return names.reduce((sum, each) => sum + Number((reply.Attributes as Record<string, string>)[each]), 0);
};
/** The reconciler that acts, by its heartbeat. */
const leader = async (): Promise<string> => {
  const reply = await send('ssm', 'GetParameter', { Name: '/sluice/reconciler' });
  return String(JSON.parse((reply.Parameter as { Value: string }).Value).id);
};
const status = async () => {
  const reply = await send('ssm', 'GetParameter', { Name: '/sluice/status/demo' }).catch(() => undefined);
  return reply && JSON.parse((reply.Parameter as { Value: string }).Value);
};

test('everything that the embedded AWS has is made', async () => {
  const more = { cluster: null, policies: [], demo: { minWorkers: 1, maxWorkers: 3 } };
  const { resources } = await runStack('local', { more, make });
  assert.ok(resources.length > 30, `${resources.length} resources`);
  const { deploymentConfiguration } = await describe(NAME);
  assert.deepEqual(
    [deploymentConfiguration?.minimumHealthyPercent, deploymentConfiguration?.maximumPercent],
    [100, 200],
  );
});

test('its ECS starts two reconcilers, one of which leads and takes the policy of the stack', async () => {
  await until('two tasks', async () => (await describe(NAME)).runningCount === 2, 30_000, shown);
  const first = await until('a status', status, 30_000, shown);
  assert.equal(first.observedGeneration, 1);
  await until('a worker', async () => (await describe(`${NAME}-demo`)).runningCount === 1, 30_000, shown);
});

test('messages come: workers are added up to the most, and every message is worked off', async () => {
  const QueueUrl = await queueUrl(`${NAME}-jobs`);
  for (let i = 0; i < 4; i++) {
    const Entries = Array.from({ length: 10 }, (_, j) => ({
      Id: String(j),
      MessageBody: JSON.stringify({ id: i * 10 + j, seconds: 0.3, sentAt: Date.now() }),
    }));
    await send('sqs', 'SendMessageBatch', { QueueUrl, Entries });
  }
  await until('a second worker', async () => ((await describe(`${NAME}-demo`)).desiredCount ?? 0) > 1, 40_000, shown);
  await until('an empty queue', async () => (await depth(`${NAME}-jobs`)) === 0, 60_000, shown);
});

test('a change event wakes it, and is taken from the queue', async () => {
  const QueueUrl = await queueUrl(`${NAME}-changes`);
  await send('sqs', 'SendMessage', { QueueUrl, MessageBody: '{"detail-type":"Parameter Store Change"}' });
  await until('an empty queue', async () => (await depth(`${NAME}-changes`)) === 0, 30_000, shown);
});

test('a deployment starts two more, which take the lease over, and every message is worked off again', async () => {
  const before = await leader();
  await send('ecs', 'UpdateService', { cluster: NAME, service: NAME, forceNewDeployment: true });
  await until('another leader', async () => (await leader()) !== before, 60_000, shown);
  const settled = async (): Promise<boolean> => {
    const { deployments, runningCount } = await describe(NAME);
    return deployments?.length === 1 && runningCount === 2;
  };
  await until('the end of the deployment', settled, 60_000, shown);
  const QueueUrl = await queueUrl(`${NAME}-jobs`);
  const body = { id: 100, seconds: 0.1, sentAt: Date.now() };
  await send('sqs', 'SendMessage', { QueueUrl, MessageBody: JSON.stringify(body) });
  await until('an empty queue', async () => (await depth(`${NAME}-jobs`)) === 0, 60_000, shown);
});

test('each role made calls, and none was refused', () => {
  for (const role of ['reconciler', 'worker']) {
    assert.ok(byRole(role).length > 0, `${role} made calls`);
    const denied = byRole(role).filter((c) => /AccessDenied/.test(c.error ?? ''));
    assert.deepEqual(
      denied.map((c) => `${c.service}:${c.action} ${JSON.stringify(c.input)}`),
      [],
    );
  }
  const used = [...new Set(byRole('reconciler').map((c) => `${c.service}:${c.action.replace(/Batch$/, '')}`))].sort();
  console.log(`the reconciler made ${byRole('reconciler').length} calls of ${used.length} actions: ${used.join(', ')}`);
});

test('the cloud is closed', async () => {
  for (const { client } of Object.values(clients)) client.destroy();
  await cloud.close();
});

test.run();
