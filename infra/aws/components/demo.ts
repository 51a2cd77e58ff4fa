import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Network } from './network.ts';
import type { TaskRole } from './role.ts';

/** Seconds that a stopped worker has to finish its job. */
const STOP_TIMEOUT_S = 60;
const VISIBILITY_S = 60;

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
        visibilityTimeoutSeconds: VISIBILITY_S,
        sqsManagedSseEnabled: true,
        redrivePolicy: dead.arn.apply((arn) => JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 5 })),
      },
      parent,
    );
    const taskDefinition = new aws.ecs.TaskDefinition(
      name,
      {
        family: name,
        requiresCompatibilities: ['FARGATE'],
        networkMode: 'awsvpc',
        cpu: '256',
        memory: '512',
        runtimePlatform: { cpuArchitecture: args.architecture, operatingSystemFamily: 'LINUX' },
        taskRoleArn: taskRole.arn,
        executionRoleArn: executionRole.arn,
        containerDefinitions: this.#container(args),
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
        deploymentCircuitBreaker: { enable: true, rollback: true },
        networkConfiguration: {
          subnets: network.subnetIds,
          securityGroups: [network.securityGroupId],
          assignPublicIp: network.assignPublicIp,
        },
      },
      // The count is Sluice's from the first minute on; an update of the stack must not set it back.
      { parent: this, ignoreChanges: ['desiredCount'], dependsOn: [taskRole.policy, executionRole.policy] },
    );
    this.registerOutputs({ queueUrl: this.queue.url, service: this.service.name });
  }

  #container(args: DemoArgs): pulumi.Output<string> {
    return pulumi.all([this.queue.url, args.logGroup, args.region]).apply(([url, logGroup, region]) => {
      const variables: Record<string, string> = {
        QUEUE_URL: url,
        VISIBILITY_TIMEOUT: String(VISIBILITY_S),
        STOP_GRACE: String(STOP_TIMEOUT_S - 5),
        ...(args.flag === undefined ? {} : { PROCESSING_FLAG_PARAMETER: args.flag }),
      };
      return JSON.stringify([
        {
          name: 'worker',
          image: args.image,
          essential: true,
          command: ['worker'],
          user: '65532:65532',
          readonlyRootFilesystem: true,
          stopTimeout: STOP_TIMEOUT_S,
          environment: Object.entries(variables).map(([name, value]) => ({ name, value })),
          logConfiguration: {
            logDriver: 'awslogs',
            options: { 'awslogs-group': logGroup, 'awslogs-region': region, 'awslogs-stream-prefix': 'worker' },
          },
        },
      ]);
    });
  }
}
