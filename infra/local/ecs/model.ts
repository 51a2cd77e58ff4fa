/**
 * Defines the records of the embedded ECS. Times are milliseconds since the epoch; views.ts makes the replies of them.
 */
import type { Input } from '../service.ts';

export interface Cluster {
  name: string;
  arn: string;
  status: 'ACTIVE' | 'INACTIVE';
  tags: Tags;
  settings: Input[];
}

export type Tags = Record<string, string>;

/** The members of a container definition that have an effect here. The others are only shown. */
export interface Container {
  name: string;
  essential: boolean;
  /** `entryPoint` and then `command`. The entry point of the image itself does not exist here. */
  command: string[];
  environment: Record<string, string>;
  /** A relative folder lies below the folder of the option `cwd`. */
  workingDirectory: string | undefined;
  /** Seconds between SIGTERM and SIGKILL. */
  stopTimeout: number;
}

export interface TaskDefinition {
  arn: string;
  family: string;
  revision: number;
  status: 'ACTIVE' | 'INACTIVE';
  containers: Container[];
  taskRoleArn: string | undefined;
  /** CPU units (1,024 are one core) and MiB that the utilization metrics refer to. */
  cpuUnits: number;
  memoryMiB: number;
  /** The members of the request. DescribeTaskDefinition returns them. */
  registered: Input;
  registeredAt: number;
  deregisteredAt?: number;
  tags: Tags;
}

export type RolloutState = 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';

export interface Deployment {
  /** `ecs-svc/` and digits; also the `startedBy` of its tasks. */
  id: string;
  taskDefinition: string;
  networkConfiguration: Input | undefined;
  rolloutState: RolloutState;
  rolloutStateReason: string;
  createdAt: number;
  updatedAt: number;
  /** The number of tasks in a row that did not start, or did not run for long. */
  failedTasks: number;
  /** The end of the wait of the restart throttle; no task starts before it. */
  heldUntil: number;
  throttled: boolean;
  /** The number of waits of the restart throttle so far. Each is twice as long as the one before. */
  waits?: number;
}

export interface DeploymentConfiguration {
  maximumPercent: number;
  minimumHealthyPercent: number;
  circuitBreaker: { enable: boolean; rollback: boolean };
}

export interface ServiceEvent {
  id: string;
  createdAt: number;
  message: string;
}

export interface EcsService {
  name: string;
  arn: string;
  clusterArn: string;
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  desiredCount: number;
  launchType: string;
  configuration: DeploymentConfiguration;
  /** The PRIMARY deployment first, then those that it replaces. */
  deployments: Deployment[];
  /** The deployment that the circuit breaker rolls back to. */
  lastCompleted: { id: string; taskDefinition: string; networkConfiguration: Input | undefined } | undefined;
  /** Newest first. */
  events: ServiceEvent[];
  createdAt: number;
  createdBy: string;
  /** Members that are kept and shown, but have no effect on local processes. */
  shown: Input;
  tags: Tags;
  propagateTags: string;
  /** The time at which the service became INACTIVE. */
  endedAt?: number;
  /** Whether the service was steady at the last look, so that a steady state makes one event. */
  steady: boolean;
  /** The trouble of the last such event. The same trouble makes another event only after it has ended. */
  trouble: string | undefined;
}

export type TaskStatus =
  | 'PROVISIONING'
  | 'PENDING'
  | 'RUNNING'
  | 'DEACTIVATING'
  | 'STOPPING'
  | 'DEPROVISIONING'
  | 'STOPPED';

export type StopCode = 'TaskFailedToStart' | 'EssentialContainerExited' | 'UserInitiated' | 'ServiceSchedulerInitiated';

export interface ContainerState {
  arn: string;
  name: string;
  essential: boolean;
  lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  exitCode: number | undefined;
  reason: string | undefined;
  pid: number | undefined;
}

export interface ContainerOverride {
  name: string;
  command: string[] | undefined;
  environment: Record<string, string>;
}

export interface Task {
  id: string;
  arn: string;
  clusterArn: string;
  definition: TaskDefinition;
  /** `service:NAME`, `family:NAME`, or the group that RunTask was given. */
  group: string;
  startedBy: string | undefined;
  serviceArn: string | undefined;
  deploymentId: string | undefined;
  launchType: string;
  tags: Tags;
  overrides: ContainerOverride[];
  shownOverrides: Input;
  taskRoleArn: string | undefined;
  enableExecuteCommand: boolean;
  lastStatus: TaskStatus;
  desiredStatus: 'RUNNING' | 'STOPPED';
  containers: ContainerState[];
  createdAt: number;
  pullStartedAt?: number;
  pullStoppedAt?: number;
  startedAt?: number;
  stoppingAt?: number;
  executionStoppedAt?: number;
  stoppedAt?: number;
  stopCode?: StopCode;
  stoppedReason?: string;
  /** The end of the protection, in milliseconds since the epoch. */
  protectedUntil?: number;
  version: number;
}

/** Returns whether a task is meant to run. The scheduler counts these tasks, running or not yet. */
export const isAlive = (task: Task): boolean => task.desiredStatus === 'RUNNING';
export const isRunning = (task: Task): boolean => isAlive(task) && task.lastStatus === 'RUNNING';
export const isProtected = (task: Task, now: number): boolean => (task.protectedUntil ?? 0) > now;
