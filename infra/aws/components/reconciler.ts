import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { CIRCUIT_BREAKER, FARGATE, ROLLING, reconcilerContainer } from '../blueprint/containers.ts';
import type { Network } from './network.ts';
import type { TaskRole } from './role.ts';
import { runningDefinition } from './running.ts';

export interface ReconcilerArgs {
  image: string;
  architecture: 'ARM64' | 'X86_64';
  cpu: string;
  /** MiB. */
  memory: number;
  /** Tasks: one leads, the others stand by. */
  count: number;
  region: pulumi.Input<string>;
  clusterArn: pulumi.Input<string>;
  network: Network;
  taskRole: TaskRole;
  executionRole: TaskRole;
  logGroup: pulumi.Input<string>;
  /** The settings of `sluice run`, by variable. */
  environment: pulumi.Input<Record<string, string>>;
  /** The ARNs of parameters that ECS reads into variables when the task starts, by variable. */
  secrets: Record<string, pulumi.Input<string>>;
  waitForSteadyState: boolean;
}

/** Runs the reconciler as Fargate tasks, one of which leads, and fails the update when ECS went back to the task before. */
export class Reconciler extends pulumi.ComponentResource {
  readonly service: aws.ecs.Service;
  readonly taskDefinition: aws.ecs.TaskDefinition;
  readonly taskRole: TaskRole;
  readonly executionRole: TaskRole;
  /** The ARN of the task definition that runs after the update. */
  readonly running: pulumi.Output<string>;

  constructor(name: string, args: ReconcilerArgs, opts?: pulumi.ComponentResourceOptions) {
    super('sluice:index:Reconciler', name, {}, opts);
    const parent = { parent: this };
    const { network, taskRole, executionRole, image } = args;
    this.taskRole = taskRole;
    this.executionRole = executionRole;
    this.taskDefinition = new aws.ecs.TaskDefinition(
      name,
      {
        family: name,
        ...FARGATE,
        cpu: args.cpu,
        memory: String(args.memory),
        runtimePlatform: { cpuArchitecture: args.architecture, operatingSystemFamily: 'LINUX' },
        taskRoleArn: taskRole.arn,
        executionRoleArn: executionRole.arn,
        containerDefinitions: pulumi
          .all([args.logGroup, args.region, args.environment, pulumi.all(args.secrets)])
          .apply(([logGroup, region, environment, secrets]) =>
            JSON.stringify([reconcilerContainer({ image, logGroup, region, environment, secrets })]),
          ),
      },
      parent,
    );
    this.service = new aws.ecs.Service(
      name,
      {
        name,
        cluster: args.clusterArn,
        taskDefinition: this.taskDefinition.arn,
        launchType: 'FARGATE',
        desiredCount: args.count,
        deploymentMinimumHealthyPercent: ROLLING.minimumHealthyPercent,
        deploymentMaximumPercent: ROLLING.maximumPercent,
        deploymentCircuitBreaker: CIRCUIT_BREAKER,
        availabilityZoneRebalancing: ROLLING.availabilityZoneRebalancing,
        networkConfiguration: {
          subnets: network.subnetIds,
          securityGroups: [network.securityGroupId],
          assignPublicIp: network.assignPublicIp,
        },
        enableEcsManagedTags: true,
        propagateTags: 'SERVICE',
        waitForSteadyState: args.waitForSteadyState,
      },
      { parent: this, dependsOn: [...network.routes, ...taskRole.granted, ...executionRole.granted] },
    );
    const deployed = this.taskDefinition.arn;
    // Without the wait there is nothing to look at yet.
    this.running = args.waitForSteadyState ? runningDefinition(this.service, deployed, this) : deployed;
    this.registerOutputs({ service: this.service.name, running: this.running });
  }
}
