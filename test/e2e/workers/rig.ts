/** A queue, a service of real workers, and an AWS that is as unkind to them as SQS may be. */
import { createServer, request, type ServerResponse } from 'node:http';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createEcs, type Ecs } from '../../../infra/local/ecs/index.ts';
import { type LocalAws, startLocalAws } from '../../../infra/local/index.ts';
import { type Kind, PATH } from './kinds.ts';

const QUEUE = 'jobs';
const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'] } };

export interface RigOptions {
  /** Seconds. Long, so that a message that waits for it is seen to wait. */
  visibilityTimeout: number;
  /** Seconds from SIGTERM to SIGKILL. */
  stopTimeout: number;
  environment?: Record<string, string>;
  seed: number;
}

export class Rig {
  readonly #kind: Kind;
  readonly #aws: LocalAws;
  readonly #ecs: Ecs;
  readonly #proxy: PollKeeper;
  readonly #clients: { sqs: SQSClient; ecs: ECSClient };
  readonly #queueUrl: string;
  readonly log: string[] = [];
  #sent = 0;

  private constructor(kind: Kind, aws: LocalAws, ecs: Ecs, proxy: PollKeeper, queueUrl: string, log: string[]) {
    this.#kind = kind;
    this.#aws = aws;
    this.#ecs = ecs;
    this.#proxy = proxy;
    this.#queueUrl = queueUrl;
    this.log = log;
    this.#clients = clientsOf(aws);
  }

  /** Starts everything, with no worker yet. */
  static async start(kind: Kind, options: RigOptions): Promise<Rig> {
    const log: string[] = [];
    let embedded: Ecs | undefined;
    const aws = await startLocalAws({
      port: 0,
      services: [
        (context) => {
          embedded = createEcs(context, {
            startUpMs: 20,
            seed: options.seed,
            cwd: kind.cwd,
            closeGraceMs: 100,
            onTaskOutput: (task, _, line) => log.push(`${task.arn.slice(-6)} ${line}`),
          });
          return embedded;
        },
      ],
    });
    const proxy = await keepPolls(aws.port);
    const { sqs, ecs } = clientsOf(aws);
    const name = kind.fifo ? `${QUEUE}.fifo` : QUEUE;
    const { QueueUrl: url = '' } = await sqs.send(
      new CreateQueueCommand({
        QueueName: name,
        Attributes: {
          VisibilityTimeout: String(options.visibilityTimeout),
          ...(kind.fifo ? { FifoQueue: 'true' } : {}),
        },
      }),
    );
    // TaskIQ's app registers two queues.
    await sqs.send(new CreateQueueCommand({ QueueName: 'other' }));
    await sqs.send(new CreateQueueCommand({ QueueName: 'other.fifo', Attributes: { FifoQueue: 'true' } }));
    await ecs.send(new CreateClusterCommand({ clusterName: 'workers' }));
    const environment = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${proxy.port}`,
      PATH,
      PYTHONDONTWRITEBYTECODE: '1',
      ...kind.environment({ name, url }),
      ...options.environment,
    };
    await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: 'workers',
        requiresCompatibilities: ['FARGATE'],
        networkMode: 'awsvpc',
        cpu: '256',
        memory: '512',
        taskRoleArn: 'arn:aws:iam::000000000000:role/worker',
        containerDefinitions: [
          {
            name: 'worker',
            image: 'worker',
            essential: true,
            stopTimeout: options.stopTimeout,
            command: kind.command,
            environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
          },
        ],
      }),
    );
    await ecs.send(
      new CreateServiceCommand({
        cluster: 'workers',
        serviceName: 'workers',
        taskDefinition: 'workers',
        desiredCount: 0,
        launchType: 'FARGATE',
        networkConfiguration: NETWORK,
      }),
    );
    return new Rig(kind, aws, embedded!, proxy, url, log);
  }

  /** Messages that were sent. */
  get sent(): number {
    return this.#sent;
  }

  async setWorkers(desiredCount: number): Promise<void> {
    await this.#clients.ecs.send(new UpdateServiceCommand({ cluster: 'workers', service: 'workers', desiredCount }));
  }

  /** Sends a job of so many seconds. */
  async send(seconds: number): Promise<void> {
    const name = this.#queueUrl.split('/').at(-1)!;
    const id = String(this.#sent++);
    await this.#clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: this.#kind.body(seconds, name),
        ...(this.#kind.fifo ? { MessageGroupId: id, MessageDeduplicationId: id } : {}),
      }),
    );
  }

  async counts(): Promise<{ visible: number; inFlight: number }> {
    const { Attributes = {} } = await this.#clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.#queueUrl, AttributeNames: ['All'] }),
    );
    return {
      visible: Number(Attributes.ApproximateNumberOfMessages),
      inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
    };
  }

  /** Receives and deletes so far. */
  totals(): { received: number; deleted: number } {
    const name = this.#queueUrl.split('/').at(-1);
    const { received = 0, deleted = 0 } = this.#aws.sqs.metrics().find(({ queueName }) => queueName === name) ?? {};
    return { received, deleted };
  }

  /** Tasks that are protected from scale-in now. */
  protectedTasks(): number {
    return this.#ecs.tasks().filter(({ protectedUntil = 0 }) => protectedUntil > Date.now()).length;
  }

  /** Tasks that are not stopped, and how many of them run. */
  tasks(): { all: number; running: number } {
    const tasks = this.#ecs.tasks().filter(({ lastStatus }) => lastStatus !== 'STOPPED');
    return { all: tasks.length, running: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length };
  }

  /** Polls that wait for a message now, of workers that live. */
  polls(): number {
    return this.#proxy.polls();
  }

  async close(): Promise<void> {
    for (const client of Object.values(this.#clients)) client.destroy();
    await this.#aws.close();
    this.#proxy.close();
  }
}

const clientsOf = ({ url, region, rootKey }: LocalAws): { sqs: SQSClient; ecs: ECSClient } => {
  const config = { endpoint: url, region, credentials: rootKey };
  return { sqs: new SQSClient(config), ecs: new ECSClient(config) };
};

interface PollKeeper {
  port: number;
  polls: () => number;
  close: () => void;
}

/**
 * Starts a proxy that does not tell the AWS behind it when a client hangs up: the poll of a worker that is gone still takes
 * a message. The embedded SQS alone is kinder. SQS documents neither; messages that are lost for a visibility timeout in
 * this way are well known.
 */
async function keepPolls(port: number): Promise<PollKeeper> {
  const polling = new Set<ServerResponse>();
  const server = createServer((req, res) => {
    const { method, url, headers } = req;
    const upstream = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      polling.delete(res);
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    upstream.on('error', () => res.destroy());
    req.pipe(upstream);
    if (headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage') polling.add(res);
    res.on('close', () => polling.delete(res));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    polls: () => polling.size,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
