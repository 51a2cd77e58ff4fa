import { CreateClusterCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Clients } from '../../aws/clients.ts';
import { putService } from '../put-service.ts';
import { argvOf } from './command.ts';
import type { WorkerDefinition } from './task-definition.ts';

/** Receives after which a message goes to the dead-letter queue. */
const MAX_RECEIVE_COUNT = 5;
const FIFO = '.fifo';

export interface Wanted {
  /** The worker's command line. */
  worker: string;
  definition: WorkerDefinition;
  cluster: string;
  service: string;
  /** Names. Sluice scales by the first one. */
  queues: readonly string[];
  /** Milliseconds. */
  visibilityTimeout: number;
  desiredCount: number;
}

/** Returns the name of the dead-letter queue of a queue. A FIFO queue needs one that is FIFO too. */
export const deadLettersOf = (queue: string): string =>
  queue.endsWith(FIFO) ? `${queue.slice(0, -FIFO.length)}-dead${FIFO}` : `${queue}-dead`;

/** Creates queues, task definition and service through AWS's own API, and returns the URL of the first queue. */
export async function provisionOwn(aws: Clients, wanted: Wanted): Promise<string> {
  const urls: string[] = [];
  for (const name of wanted.queues) urls.push(await createQueue(aws, name, wanted.visibilityTimeout));
  const [queueUrl = ''] = urls;
  const { cluster, service, definition, worker, desiredCount } = wanted;
  // The URL in a real file is of another account.
  const environment = { QUEUE_NAME: wanted.queues[0] ?? '', ...definition.environment, QUEUE_URL: queueUrl };
  await aws.ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  await aws.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: definition.family,
      taskRoleArn: 'arn:aws:iam::000000000000:role/worker',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      containerDefinitions: [
        {
          name: definition.container,
          image: 'worker',
          essential: true,
          stopTimeout: definition.stopTimeout,
          command: argvOf(worker),
          environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
        },
      ],
    }),
  );
  await putService(aws.ecs, { cluster, service, taskDefinition: definition.family, desiredCount });
  return queueUrl;
}

async function createQueue({ sqs }: Clients, name: string, visibilityTimeout: number): Promise<string> {
  const fifo: Record<string, string> = name.endsWith(FIFO)
    ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' }
    : {};
  const dead = await sqs.send(new CreateQueueCommand({ QueueName: deadLettersOf(name), Attributes: fifo }));
  const got = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: dead.QueueUrl, AttributeNames: ['QueueArn'] }));
  const redrive = { deadLetterTargetArn: got.Attributes?.QueueArn, maxReceiveCount: MAX_RECEIVE_COUNT };
  const Attributes = {
    ...fifo,
    VisibilityTimeout: String(Math.ceil(visibilityTimeout / 1_000)),
    RedrivePolicy: JSON.stringify(redrive),
  };
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  return QueueUrl;
}
