import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { CIRCUIT_BREAKER, FARGATE, WORKER_VISIBILITY_S, workerContainer } from '../blueprint/containers.ts';
import type { Network } from './network.ts';
import type { TaskRole } from './role.ts';

export interface DemoArgs {
  image: string;
  architecture: 'ARM64' | 'X86_64';
  region: pulumi.Input<string>;
  clusterArn: pulumi.Input<string>;
  network: Network;
  taskRole: TaskRole;
  executionRole: TaskRole;
  logGroup: pulumi.Input<string>;
  /** The name of the queue, with `.fifo` at its end for a FIFO queue. */
  queueName: string;
  deadLettersName: string;
  desiredCount: number;
  /** The parameter that workers poll, if the stack allows that fault. */
  flag?: string;
}

/**
 * Makes a fleet to scale: a queue with its dead-letter queue, and workers that finish, heartbeat and protect
 * themselves.
 */
export class Demo extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;
  readonly service: aws.ecs.Service;

  constructor(name: string, args: DemoArgs, opts?: pulumi.ComponentResourceOptions) {
    super('sluice:index:Demo', name, {}, opts);
    const parent = { parent: this };
    const { network, queueName, taskRole, executionRole } = args;
    const fifo = queueName.endsWith('.fifo');
    const kind = fifo ? { fifoQueue: true, contentBasedDeduplication: true } : {};
    const dead = new aws.sqs.Queue(
      `${name}-dead`,
      {
        name: args.deadLettersName,
        ...kind,
        messageRetentionSeconds: 1_209_600,
        sqsManagedSseEnabled: true,
      },
      parent,
    );
    this.queue = new aws.sqs.Queue(
      name,
      {
        name: queueName,
        ...kind,
        visibilityTimeoutSeconds: WORKER_VISIBILITY_S,
        sqsManagedSseEnabled: true,
        redrivePolicy: dead.arn.apply((arn) => JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 5 })),
      },
      parent,
    );
    const taskDefinition = new aws.ecs.TaskDefinition(
      name,
      {
        family: name,
        ...FARGATE,
        cpu: '256',
        memory: '512',
        runtimePlatform: { cpuArchitecture: args.architecture, operatingSystemFamily: 'LINUX' },
        taskRoleArn: taskRole.arn,
        executionRoleArn: executionRole.arn,
        containerDefinitions: pulumi
          .all([this.queue.url, args.logGroup, args.region])
          .apply(([queueUrl, logGroup, region]) =>
            JSON.stringify([workerContainer({ image: args.image, queueUrl, logGroup, region, flag: args.flag })]),
          ),
      },
      parent,
    );
    this.service = new aws.ecs.Service(
      name,
      {
        name,
        cluster: args.clusterArn,
        taskDefinition: taskDefinition.arn,
        launchType: 'FARGATE',
        desiredCount: args.desiredCount,
        deploymentCircuitBreaker: CIRCUIT_BREAKER,
        networkConfiguration: {
          subnets: network.subnetIds,
          securityGroups: [network.securityGroupId],
          assignPublicIp: network.assignPublicIp,
        },
      },
      {
        parent: this,
        // The count is Sluice's from the first minute on; an update of the stack must not set it back.
        ignoreChanges: ['desiredCount'],
        dependsOn: [...network.routes, ...taskRole.granted, ...executionRole.granted],
      },
    );
    this.registerOutputs({ queueUrl: this.queue.url, service: this.service.name });
  }
}
