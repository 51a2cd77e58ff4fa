import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Network } from './network.ts';
import type { TaskRole } from './role.ts';

/** Seconds between SIGTERM and SIGKILL of ECS. Fargate allows up to 120. */
const STOP_TIMEOUT_S = 30;
/** Seconds that the reconciler takes to end. They are fewer than ECS's, so that it always writes its status. */
const SHUTDOWN_TIMEOUT_S = 25;

export interface ReconcilerArgs {
  image: string;
  architecture: 'ARM64' | 'X86_64';
  cpu: string;
  /** MiB. */
  memory: number;
  region: pulumi.Input<string>;
  clusterArn: pulumi.Input<string>;
  network: Network;
  taskRole: TaskRole;
  executionRole: TaskRole;
  logGroup: pulumi.Input<string>;
  /** The settings of `sluice run`, by variable. */
  environment: Record<string, pulumi.Input<string>>;
  /** The ARNs of parameters that ECS reads into variables when the task starts, by variable. */
  secrets: Record<string, pulumi.Input<string>>;
  waitForSteadyState: boolean;
}

/**
 * Runs the reconciler as one Fargate task. A deployment stops the old task before it starts the new one (0 % to 100 %), so that
 * two never decide at once; scaling pauses for the half minute between, and resumes from the status parameters.
 */
export class Reconciler extends pulumi.ComponentResource {
  readonly service: aws.ecs.Service;
  readonly taskDefinition: aws.ecs.TaskDefinition;

  constructor(name: string, args: ReconcilerArgs, opts?: pulumi.ComponentResourceOptions) {
    super('sluice:index:Reconciler', name, {}, opts);
    const parent = { parent: this };
    const { network, taskRole, executionRole } = args;
    this.taskDefinition = new aws.ecs.TaskDefinition(
      name,
      {
        family: name,
        requiresCompatibilities: ['FARGATE'],
        networkMode: 'awsvpc',
        cpu: args.cpu,
        memory: String(args.memory),
        runtimePlatform: { cpuArchitecture: args.architecture, operatingSystemFamily: 'LINUX' },
        taskRoleArn: taskRole.arn,
        executionRoleArn: executionRole.arn,
        containerDefinitions: containerDefinitions(args),
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
        desiredCount: 1,
        deploymentMinimumHealthyPercent: 0,
        deploymentMaximumPercent: 100,
        deploymentCircuitBreaker: { enable: true, rollback: true },
        // It would start a second task before it stops the first.
        availabilityZoneRebalancing: 'DISABLED',
        networkConfiguration: {
          subnets: network.subnetIds,
          securityGroups: [network.securityGroupId],
          assignPublicIp: network.assignPublicIp,
        },
        enableEcsManagedTags: true,
        propagateTags: 'SERVICE',
        waitForSteadyState: args.waitForSteadyState,
      },
      { parent: this, dependsOn: [taskRole.policy, executionRole.policy] },
    );
    this.registerOutputs({ service: this.service.name });
  }
}

function containerDefinitions(args: ReconcilerArgs): pulumi.Output<string> {
  const environment = { ...args.environment, SLUICE_SHUTDOWN_TIMEOUT: `${SHUTDOWN_TIMEOUT_S}s` };
  return pulumi
    .all([args.logGroup, args.region, pulumi.all(environment), pulumi.all(args.secrets)])
    .apply(([logGroup, region, variables, secrets]) =>
      JSON.stringify([
        {
          name: 'sluice',
          image: args.image,
          essential: true,
          command: ['run'],
          user: '65532:65532',
          readonlyRootFilesystem: true,
          // The program is sound as PID 1, but for the 30 ms before any JavaScript runs, in which Node loses a SIGTERM.
          linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
          stopTimeout: STOP_TIMEOUT_S,
          environment: named(variables, 'value'),
          secrets: named(secrets, 'valueFrom'),
          healthCheck: {
            command: ['CMD', 'node', '/app/healthcheck.js'],
            interval: 15,
            timeout: 5,
            retries: 3,
            startPeriod: 20,
          },
          logConfiguration: {
            logDriver: 'awslogs',
            options: { 'awslogs-group': logGroup, 'awslogs-region': region, 'awslogs-stream-prefix': 'sluice' },
          },
        },
      ]),
    );
}

/** Returns a list sorted by name, so that a preview shows real changes only. */
function named<K extends string>(variables: Record<string, string>, member: K) {
  return Object.keys(variables)
    .sort()
    .map((name) => ({ name, [member]: variables[name] }));
}
