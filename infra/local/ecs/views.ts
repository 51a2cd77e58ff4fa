/** Shows records in AWS's shapes, with times as seconds since the epoch. */
import { shortName } from './arn.ts';
import {
  type Cluster,
  type Deployment,
  type EcsService,
  isAlive,
  isRunning,
  type Task,
  type TaskDefinition,
} from './model.ts';
import { showTags } from './tags.ts';

/** Returns seconds, with the milliseconds as the fraction. */
export const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

/** Counts running and pending tasks. A PROVISIONING task counts as pending, so that desired = running + pending. */
export function counts(tasks: readonly Task[]): { runningCount: number; pendingCount: number } {
  const alive = tasks.filter(isAlive);
  const runningCount = alive.filter(isRunning).length;
  return { runningCount, pendingCount: alive.length - runningCount };
}

function showDeployment(service: EcsService, deployment: Deployment, tasks: readonly Task[]): object {
  const own = tasks.filter((task) => task.deploymentId === deployment.id);
  const primary = deployment === service.deployments[0];
  return {
    id: deployment.id,
    status: primary ? 'PRIMARY' : 'ACTIVE',
    taskDefinition: deployment.taskDefinition,
    desiredCount: primary ? service.desiredCount : own.filter(isAlive).length,
    ...counts(own),
    failedTasks: deployment.failedTasks,
    createdAt: seconds(deployment.createdAt),
    updatedAt: seconds(deployment.updatedAt),
    launchType: service.launchType,
    networkConfiguration: showNetwork(deployment.networkConfiguration),
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
}

/** Fills in what a network configuration leaves out, as ECS does. */
function showNetwork(configuration: unknown): unknown {
  if (!isRecord(configuration) || !isRecord(configuration.awsvpcConfiguration)) return configuration;
  const given = configuration.awsvpcConfiguration;
  return { ...configuration, awsvpcConfiguration: { securityGroups: [], assignPublicIp: 'DISABLED', ...given } };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

export function showService(service: EcsService, tasks: readonly Task[], withTags: boolean): object {
  const { configuration } = service;
  return {
    loadBalancers: [],
    serviceRegistries: [],
    placementConstraints: [],
    placementStrategy: [],
    deploymentController: { type: 'ECS' },
    enableECSManagedTags: false,
    enableExecuteCommand: false,
    ...service.shown,
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.clusterArn,
    status: service.status,
    desiredCount: service.desiredCount,
    ...counts(tasks),
    launchType: service.launchType,
    taskDefinition: service.deployments[0]?.taskDefinition,
    networkConfiguration: showNetwork(
      service.deployments[0]?.networkConfiguration ?? service.shown.networkConfiguration,
    ),
    deploymentConfiguration: {
      maximumPercent: configuration.maximumPercent,
      minimumHealthyPercent: configuration.minimumHealthyPercent,
      deploymentCircuitBreaker: configuration.circuitBreaker,
    },
    deployments: service.deployments.map((each) => showDeployment(service, each, tasks)),
    events: service.events.map((each) => ({ ...each, createdAt: seconds(each.createdAt) })),
    createdAt: seconds(service.createdAt),
    createdBy: service.createdBy,
    schedulingStrategy: 'REPLICA',
    propagateTags: service.propagateTags,
    tags: withTags ? showTags(service.tags) : undefined,
  };
}

export function showTask(task: Task, region: string, withTags: boolean): object {
  const { definition } = task;
  const images = definition.registered.containerDefinitions as { name?: string; image?: string; cpu?: number }[];
  return {
    taskArn: task.arn,
    clusterArn: task.clusterArn,
    taskDefinitionArn: definition.arn,
    group: task.group,
    startedBy: task.startedBy,
    launchType: task.launchType,
    availabilityZone: `${region}a`,
    connectivity: task.startedAt === undefined ? undefined : 'CONNECTED',
    connectivityAt: seconds(task.pullStartedAt),
    cpu: String(definition.cpuUnits),
    memory: String(definition.memoryMiB),
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    healthStatus: 'UNKNOWN',
    createdAt: seconds(task.createdAt),
    pullStartedAt: seconds(task.pullStartedAt),
    pullStoppedAt: seconds(task.pullStoppedAt),
    startedAt: seconds(task.startedAt),
    stoppingAt: seconds(task.stoppingAt),
    executionStoppedAt: seconds(task.executionStoppedAt),
    stoppedAt: seconds(task.stoppedAt),
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    enableExecuteCommand: task.enableExecuteCommand,
    overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [], ...task.shownOverrides },
    attachments: [],
    attributes: [],
    containers: task.containers.map((each) => ({
      containerArn: each.arn,
      taskArn: task.arn,
      name: each.name,
      image: images.find((image) => image.name === each.name)?.image,
      runtimeId: each.pid === undefined ? undefined : `${task.id}-${each.pid}`,
      lastStatus: each.lastStatus,
      exitCode: each.exitCode,
      reason: each.reason,
      healthStatus: 'UNKNOWN',
      networkBindings: [],
      networkInterfaces: [],
    })),
    tags: withTags ? showTags(task.tags) : [],
    version: task.version,
  };
}

export function showDefinition(definition: TaskDefinition): object {
  const compatibilities = definition.registered.requiresCompatibilities as string[] | undefined;
  return {
    volumes: [],
    placementConstraints: [],
    ...definition.registered,
    taskDefinitionArn: definition.arn,
    family: definition.family,
    revision: definition.revision,
    status: definition.status,
    compatibilities: [...new Set(['EC2', ...(compatibilities ?? [])])],
    registeredAt: seconds(definition.registeredAt),
    deregisteredAt: seconds(definition.deregisteredAt),
  };
}

export function showCluster(
  cluster: Cluster,
  services: readonly EcsService[],
  tasks: readonly Task[],
  include: readonly string[],
): object {
  const { runningCount, pendingCount } = counts(tasks);
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: runningCount,
    pendingTasksCount: pendingCount,
    activeServicesCount: services.filter((each) => each.status === 'ACTIVE').length,
    statistics: [],
    tags: include.includes('TAGS') ? showTags(cluster.tags) : [],
    settings: include.includes('SETTINGS') ? cluster.settings : [],
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
  };
}

/** Returns the name of a cluster, under which metrics are kept. */
export const clusterName = (clusterArn: string): string => shortName(clusterArn);
