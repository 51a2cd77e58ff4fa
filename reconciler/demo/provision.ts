import { CreateClusterCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Clients } from '../aws/clients.ts';
import type { ParameterStore } from '../aws/parameters.ts';
import { putService } from './put-service.ts';
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

/** Creates queues, cluster and service through the AWS API. Safe to repeat on a state folder that already holds them. */
export async function provision(
  { sqs, ecs }: Clients,
  scenario: Scenario,
  workerFile: string,
  desiredCount: number,
): Promise<Provisioned> {
  const createQueue = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    return QueueUrl ?? '';
  };
  const deadLettersUrl = await createQueue(NAMES.deadLetters);
  const resultsUrl = await createQueue(NAMES.results);
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLettersUrl, AttributeNames: ['QueueArn'] }),
  );
  const visibilityTimeout = seconds(scenario.visibilityTimeout);
  const queueUrl = await createQueue(NAMES.queue, {
    VisibilityTimeout: visibilityTimeout,
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 5 }),
  });
  await ecs.send(new CreateClusterCommand({ clusterName: NAMES.cluster }));
  const stopTimeout = Number(seconds(scenario.stopTimeout / scenario.timeScale));
  const environment = {
    QUEUE_URL: queueUrl,
    RESULTS_QUEUE_URL: resultsUrl,
    CONCURRENCY: String(scenario.concurrency),
    VISIBILITY_TIMEOUT: visibilityTimeout,
    PROCESSING_FLAG_PARAMETER: NAMES.flag,
    // One second before SIGKILL, so that unfinished jobs are returned to the queue.
    STOP_GRACE: String(Math.max(1, stopTimeout - 1)),
  };
  await ecs.send(
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
  await putService(ecs, {
    cluster: NAMES.cluster,
    service: NAMES.service,
    taskDefinition: NAMES.service,
    desiredCount,
  });
  return { queueUrl, deadLettersUrl, resultsUrl };
}

/** Stores the demo's policy. A policy that was edited and kept in the state folder stays, unless `replace`. */
export async function storePolicy(store: ParameterStore, name: string, text: string, replace: boolean): Promise<void> {
  const stored = await store.find(name);
  if (stored && (!replace || stored.text === text)) return;
  await store.put(name, text, stored ? { overwrite: true, type: stored.type } : { overwrite: false });
}
