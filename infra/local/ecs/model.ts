/** What this ECS keeps. Times are milliseconds since the epoch; what clients see is made in views.ts. */
import type { Input } from '../service.ts';

export interface Cluster {
  name: string;
  arn: string;
  status: 'ACTIVE' | 'INACTIVE';
  tags: Tags;
  settings: Input[];
}

export type Tags = Record<string, string>;

/** The members of a container definition that matter here; the rest is kept and given back as it came. */
export interface Container {
  name: string;
  essential: boolean;
  /** `entryPoint` and then `command`; what `image` would add does not exist here. */
  command: string[];
  environment: Record<string, string>;
  /** Relative ones start in the folder that the option `cwd` names. */
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
  /** CPU units (1,024 are one core) and MiB that the utilisation metrics refer to. */
  cpuUnits: number;
  memoryMiB: number;
  /** As registered, for DescribeTaskDefinition. */
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
  /** Tasks in a row that did not come to run, or not for long. */
  failedTasks: number;
  /** Until when the restart throttle holds new tasks back. */
  heldUntil: number;
  throttled: boolean;
  /** Waits of the restart throttle so far; each is twice as long as the one before. */
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
  /** The PRIMARY one first, then those that it replaces. */
  deployments: Deployment[];
  /** What the circuit breaker rolls back to. */
  lastCompleted: { id: string; taskDefinition: string; networkConfiguration: Input | undefined } | undefined;
  /** Newest first. */
  events: ServiceEvent[];
  createdAt: number;
  createdBy: string;
  /** Members that are kept and shown, but have no effect on local processes. */
  shown: Input;
  tags: Tags;
  propagateTags: string;
  /** When it became INACTIVE. */
  endedAt?: number;
  /** Whether the last state seen was steady, so that reaching it makes one event. */
  steady: boolean;
  /** The trouble last written as an event; it is written again only after it was over. */
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
  /** `service:NAME` or `family:NAME`, or what RunTask was given. */
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
  /** Milliseconds since the epoch; protection is over from then on. */
  protectedUntil?: number;
  version: number;
}

/** Tasks that are to run and may already: what the scheduler counts. */
export const isAlive = (task: Task): boolean => task.desiredStatus === 'RUNNING';
export const isRunning = (task: Task): boolean => isAlive(task) && task.lastStatus === 'RUNNING';
export const isProtected = (task: Task, now: number): boolean => (task.protectedUntil ?? 0) > now;
