/** What one look at the world holds. Plain JSON, so that a decision can be recomputed from its own log record. */

/** Milliseconds since the epoch. */
export type Instant = number;

/**
 * How a read failed: `transient` heals by itself, `needsUser` waits for somebody to fix a name or a permission,
 * `terminal` will not heal for this input.
 */
export type FailureClass = 'transient' | 'needsUser' | 'terminal';

export interface Failure {
  class: FailureClass;
  /** The AWS error name, e.g. `ThrottlingException`. */
  code: string;
  /** One sentence for people. */
  message: string;
  /** What to do about it, when anybody can. */
  hint?: string;
}

/** One part of an observation: a value with the time at which it was true, or why there is none. */
export type Reading<T> = { ok: true; at: Instant; value: T } | { ok: false; at: Instant; failure: Failure };

/** SQS's approximate counters. */
export interface QueueCounts {
  visible: number;
  inFlight: number;
  delayed: number;
}

export interface ServiceState {
  desired: number;
  running: number;
  pending: number;
  /** ACTIVE, DRAINING or INACTIVE. */
  status: string;
  /** True while ECS replaces tasks: more than one deployment, or one that is still IN_PROGRESS after a change other than the count. */
  deploying: boolean;
  /** The primary deployment's id. */
  deployment?: string;
}

export interface OldestAge {
  seconds: number;
  /** True between CloudWatch's points, when the age is carried forward by the clock. */
  estimated: boolean;
}

/** Messages per second over CloudWatch's last complete minutes. */
export interface QueueRates {
  sent: number;
  received: number;
  deleted: number;
  /** End of the time that they cover. */
  until?: Instant;
  /** Its length in seconds. */
  period?: number;
}

/** Arrivals a second that most past days had at this time of day, for the next minutes; and how many days are known. */
export interface UsualRate {
  perSecond: number;
  days: number;
}

/** The service's tasks, counted. Read less often than the service itself. */
export interface TaskCounts {
  running: number;
  /** PROVISIONING, PENDING or ACTIVATING. */
  starting: number;
  /** Median seconds from a task's creation to its RUNNING, of the tasks that are there; absent when none has started. */
  startUpSeconds?: number;
}

export interface TaskRef {
  arn: string;
  startedAt: Instant;
}

/** The queue's access policy, without its text. */
export interface QueueAccess {
  arn: string;
  /** Length of the policy; 0 without one. */
  bytes: number;
  statements: number;
  /** The statements' Sids. */
  sids: string[];
}

export interface NetworkState {
  subnets: string[];
  securityGroups: string[];
  assignPublicIp?: 'ENABLED' | 'DISABLED';
}

export interface ChaosReadings {
  /** Tasks that run. */
  tasks?: Reading<TaskRef[]>;
  access?: Reading<QueueAccess>;
  /** Undefined outside awsvpc mode. */
  network?: Reading<NetworkState | undefined>;
  /** ARN of the tasks' role; undefined when they have none. */
  role?: Reading<string | undefined>;
  /** Messages in the dead-letter queue; undefined without one. */
  deadLetters?: Reading<number | undefined>;
  /** Undefined when there is no such parameter. */
  flag?: Reading<string | undefined>;
  /** State of each alarm: OK, ALARM, INSUFFICIENT_DATA, or MISSING. */
  alarms?: Reading<Record<string, string>>;
}

/** What somebody asks for through the request parameter. */
export interface ChaosRequest {
  id: string;
  action: 'run' | 'stop';
  /** For `run`; for `stop` only that one, else all. */
  experiment?: string;
  expiresAt: Instant;
  /** Who asks, or why. */
  by?: string;
}

export interface Observation {
  at: Instant;
  queue: Reading<QueueCounts>;
  service: Reading<ServiceState>;
  /** Absent when it was not asked for yet; `value` undefined when CloudWatch holds no point, which is not age 0. */
  age?: Reading<OldestAge | undefined>;
  rates?: Reading<QueueRates | undefined>;
  tasks?: Reading<TaskCounts>;
  /** Only for targetWait; `value` undefined while too few days are known. */
  usual?: Reading<UsualRate | undefined>;
  /** What experiments need; present only while one runs or is due. */
  chaos?: ChaosReadings;
  /** Requests of people that have not expired (`sluice chaos run`). */
  requests?: ChaosRequest[];
}
