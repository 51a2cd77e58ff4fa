/** The owner's side of a mutation run: an embedded AWS with many small services, each with what no mutation may destroy. */
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createCloudWatch } from '../../../infra/local/cloudwatch/index.ts';
import { createEcs, type Ecs } from '../../../infra/local/ecs/index.ts';
import { type LocalAws, startLocalAws } from '../../../infra/local/index.ts';
import { fakeRunner } from '../../infra/local/ecs/harness.ts';

/** Where a lane's mutations happen: nothing special, or inside an experiment with this fault. */
export const SCENES = ['calm', 'stopTask', 'drain', 'queuePolicy', 'processingFlag', 'securityGroup'] as const;
export type Scene = (typeof SCENES)[number];

/** One policy with its queue, cluster, service and flag, all named after it. */
export interface Lane {
  name: string;
  scene: Scene;
  /** Parameters of the cell that the lane belongs to start with this. */
  prefix: string;
  /** Default: one of its own, so that no call is about two lanes. */
  cluster?: string;
  /** Default: 1s. */
  interval?: string;
}

const clusterOf = ({ cluster, name }: Lane): string => cluster ?? name;

/** Returns the name of the parameter that a lane's workers poll. */
export const flagOf = ({ name }: Lane): string => `/owner/${name}`;

/** Returns the name of the parameter in which Sluice stores a lane's status. */
export const statusOf = ({ prefix, name }: Lane): string => `${prefix}status/${name}`;

/** The owner's things, which must be there again when nothing is under way. */
export interface Belongings {
  queuePolicy: unknown;
  flag: string | undefined;
  groups: string[] | undefined;
  desired: number | undefined;
  status: string | undefined;
}

export const WORKERS = 3;

const FAULTS: Record<Exclude<Scene, 'calm'>, (lane: Lane) => string> = {
  stopTask: () => '{ type: stopTask, count: 1 }',
  drain: () => '{ type: drain, hold: 1s }',
  queuePolicy: () => '{ type: partition, duration: 5s }',
  processingFlag: (lane) => `{ type: partition, method: processingFlag, parameter: ${flagOf(lane)}, duration: 5s }`,
  securityGroup: () => '{ type: partition, method: securityGroup, securityGroups: [sg-cut-off], duration: 5s }',
};

/** The backlog asks for more workers than there may be, so that any decision to have fewer is wrong. */
const policyOf = (lane: Lane): string => `apiVersion: sluice/v1
kind: WorkerPolicy
metadata: { name: ${lane.name} }
spec:
  interval: ${lane.interval ?? '1s'}
  queue: { name: ${lane.name} }
  service: { cluster: ${clusterOf(lane)}, name: ${lane.name} }
  scaling:
    minWorkers: 1
    maxWorkers: ${WORKERS}
    strategies: [{ type: backlogPerWorker, target: 4 }]
    scaleUp: { cooldown: 0s }
    scaleDown: { cooldown: 0s, stabilizationWindow: 0s }
${
  lane.scene === 'calm'
    ? ''
    : `  chaos:
    enabled: true
    cooldown: 0s
    experiments:
      - { name: x, fault: ${FAULTS[lane.scene](lane)}, timeout: 10s, hypothesis: { recoversWithin: 2s } }`
}
`;

export class Owner {
  readonly cloud: LocalAws;
  readonly #sqs: SQSClient;
  readonly #ecs: ECSClient;
  readonly #ssm: SSMClient;

  private constructor(cloud: LocalAws) {
    this.cloud = cloud;
    const client = { endpoint: cloud.url, region: cloud.region, credentials: cloud.rootKey };
    this.#sqs = new SQSClient({ ...client, useQueueUrlAsEndpoint: false });
    this.#ecs = new ECSClient(client);
    this.#ssm = new SSMClient(client);
  }

  /** Starts an embedded AWS whose tasks are no processes. */
  static async start(): Promise<Owner> {
    let ecs: Ecs | undefined;
    const cloud = await startLocalAws({
      port: 0,
      services: [
        (context) => {
          ecs = createEcs(context, { startUpMs: 20, deprovisionMs: 10, maxTasks: 4_000, runProcess: fakeRunner().run });
          return ecs;
        },
        (context) => createCloudWatch(context, { ecs: ecs!, publishPeriodMs: 1_000 }),
      ],
    });
    return new Owner(cloud);
  }

  async close(): Promise<void> {
    for (const client of [this.#sqs, this.#ecs, this.#ssm]) client.destroy();
    await this.cloud.close();
  }

  queueUrl(lane: Lane): string {
    return `${this.cloud.url}/${this.cloud.accountId}/${lane.name}`;
  }

  /** Makes a lane's queue with a backlog, its service, its flag and its policy. */
  async make(lane: Lane): Promise<void> {
    const { name } = lane;
    const { accountId, region } = this.cloud;
    await this.#sqs.send(new CreateQueueCommand({ QueueName: name }));
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'OfTheOwner',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${accountId}:root` },
          Action: 'sqs:SendMessage',
          Resource: `arn:aws:sqs:${region}:${accountId}:${name}`,
        },
      ],
    });
    await this.#sqs.send(new SetQueueAttributesCommand({ QueueUrl: this.queueUrl(lane), Attributes: { Policy } }));
    const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: `${i}`, MessageBody: 'x' }));
    for (let i = 0; i < 4; i++)
      await this.#sqs.send(new SendMessageBatchCommand({ QueueUrl: this.queueUrl(lane), Entries }));
    await this.#ecs.send(new CreateClusterCommand({ clusterName: clusterOf(lane) }));
    await this.#ecs.send(
      new RegisterTaskDefinitionCommand({
        family: name,
        networkMode: 'awsvpc',
        taskRoleArn: `arn:aws:iam::${accountId}:role/${name}`,
        containerDefinitions: [{ name: 'w', image: 'x', essential: true, command: ['work'] }],
      }),
    );
    await this.#ecs.send(
      new CreateServiceCommand({
        cluster: clusterOf(lane),
        serviceName: name,
        taskDefinition: name,
        desiredCount: WORKERS,
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-owner'] } },
      }),
    );
    await this.#put(flagOf(lane), `the owner's own value of ${name}`);
    await this.#put(`${lane.prefix}policies/${name}`, policyOf(lane));
  }

  /** Asks for the lane's experiment. */
  async request(lane: Lane, id: string): Promise<void> {
    const expiresAt = new Date(Date.now() + 4_000).toISOString();
    const requests = [{ id, action: 'run', experiment: 'x', expiresAt }];
    await this.#put(`${lane.prefix}requests/${lane.name}`, JSON.stringify({ requests }));
  }

  /** Reads, past the proxy, the status that Sluice has stored for a lane. */
  async status(lane: Lane): Promise<string | undefined> {
    const found = await this.#ssm.send(new GetParameterCommand({ Name: statusOf(lane) })).catch(() => undefined);
    return found?.Parameter?.Value;
  }

  /** Reads, past the proxy, what belongs to the owner now. */
  async belongings(lane: Lane): Promise<Belongings> {
    const [queue, flag, service] = await Promise.all([
      this.#sqs.send(new GetQueueAttributesCommand({ QueueUrl: this.queueUrl(lane), AttributeNames: ['Policy'] })),
      this.#ssm.send(new GetParameterCommand({ Name: flagOf(lane) })).catch(() => undefined),
      this.#ecs.send(new DescribeServicesCommand({ cluster: clusterOf(lane), services: [lane.name] })),
    ]);
    const [found] = service.services ?? [];
    return {
      queuePolicy: queue.Attributes?.Policy && JSON.parse(queue.Attributes.Policy),
      flag: flag?.Parameter?.Value,
      groups: found?.networkConfiguration?.awsvpcConfiguration?.securityGroups,
      desired: found?.desiredCount,
      status: found?.status,
    };
  }

  #put(Name: string, Value: string): Promise<unknown> {
    return this.#ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
  }
}
