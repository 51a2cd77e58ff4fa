import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  type DescribeServicesCommandOutput,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateQueueCommand,
  type CreateQueueCommandOutput,
  GetQueueAttributesCommand,
  type GetQueueAttributesCommandOutput,
} from '@aws-sdk/client-sqs';
import type { Aws } from '../aws/client.ts';
import type { PolicyStore } from '../aws/policy-store.ts';
import type { Scenario } from './scenario.ts';

export const NAMES = {
  policy: 'demo',
  cluster: 'demo',
  service: 'workers',
  queue: 'jobs',
  deadLetters: 'jobs-dead',
  results: 'jobs-results',
  flag: '/sluice/flags/demo',
} as const;

export interface Provisioned {
  queueUrl: string;
  deadLettersUrl: string;
  resultsUrl: string;
}

const seconds = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1_000)));

/** Creates what the demo needs, through AWS's own API. Safe to repeat on a state folder that holds it already. */
export async function provision(
  aws: Aws,
  scenario: Scenario,
  workerFile: string,
  desiredCount: number,
): Promise<Provisioned> {
  const createQueue = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> => {
    const { QueueUrl } = await aws.call<CreateQueueCommandOutput>(
      'sqs',
      'sqs:CreateQueue',
      new CreateQueueCommand({ QueueName, Attributes }),
    );
    return QueueUrl ?? '';
  };
  const deadLettersUrl = await createQueue(NAMES.deadLetters);
  const resultsUrl = await createQueue(NAMES.results);
  const { Attributes } = await aws.call<GetQueueAttributesCommandOutput>(
    'sqs',
    'sqs:GetQueueAttributes',
    new GetQueueAttributesCommand({ QueueUrl: deadLettersUrl, AttributeNames: ['QueueArn'] }),
  );
  const visibilityTimeout = seconds(scenario.visibilityTimeout);
  const queueUrl = await createQueue(NAMES.queue, {
    VisibilityTimeout: visibilityTimeout,
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 5 }),
  });
  await aws.call('ecs', 'ecs:CreateCluster', new CreateClusterCommand({ clusterName: NAMES.cluster }));
  const stopTimeout = Number(seconds(scenario.stopTimeout / scenario.timeScale));
  const environment = {
    QUEUE_URL: queueUrl,
    RESULTS_QUEUE_URL: resultsUrl,
    CONCURRENCY: String(scenario.concurrency),
    VISIBILITY_TIMEOUT: visibilityTimeout,
    PROCESSING_FLAG_PARAMETER: NAMES.flag,
    // A second before SIGKILL, so that what cannot be finished is handed back.
    STOP_GRACE: String(Math.max(1, stopTimeout - 1)),
  };
  await aws.call(
    'ecs',
    'ecs:RegisterTaskDefinition',
    new RegisterTaskDefinitionCommand({
      family: NAMES.service,
      taskRoleArn: 'arn:aws:iam::000000000000:role/demo-worker',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      containerDefinitions: [
        {
          name: 'worker',
          image: 'sluice/demo-worker',
          essential: true,
          stopTimeout,
          command: [process.execPath, workerFile],
          environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
        },
      ],
    }),
  );
  await putService(aws, desiredCount);
  return { queueUrl, deadLettersUrl, resultsUrl };
}

async function putService(aws: Aws, desiredCount: number): Promise<void> {
  const { cluster, service } = NAMES;
  const { services = [] } = await aws.call<DescribeServicesCommandOutput>(
    'ecs',
    'ecs:DescribeServices',
    new DescribeServicesCommand({ cluster, services: [service] }),
  );
  const exists = services.some((s) => s.status === 'ACTIVE');
  const command = exists
    ? new UpdateServiceCommand({ cluster, service, taskDefinition: NAMES.service })
    : new CreateServiceCommand({
        cluster,
        serviceName: service,
        taskDefinition: NAMES.service,
        desiredCount,
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-demo'], securityGroups: ['sg-workers'] } },
      });
  await aws.call('ecs', exists ? 'ecs:UpdateService' : 'ecs:CreateService', command);
}

/** Stores the demo's policy, unless the state folder holds one that somebody has edited. */
export async function storePolicy(store: PolicyStore, name: string, text: string, replace: boolean): Promise<void> {
  const stored = await store.find(name);
  if (stored && (!replace || stored.text === text)) return;
  await store.put(name, text, { overwrite: stored !== undefined });
}
