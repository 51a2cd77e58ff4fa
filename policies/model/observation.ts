/** The parts of one look at the world: plain JSON, so that a decision can be recomputed from its own log record. */

/** Milliseconds since the epoch. */
export type Instant = number;

/**
 * The three classes of failure: `transient` ends by itself, `needsUser` lasts until somebody fixes a name or a
 * permission, `terminal` never ends for this input.
 */
export type FailureClass = 'transient' | 'needsUser' | 'terminal';

export interface Failure {
  class: FailureClass;
  /** The AWS error name, e.g. `ThrottlingException`. */
  code: string;
  /** One sentence for people. */
  message: string;
  /** The remedy, when there is one. */
  hint?: string;
}

/** One part of an observation: a value with the time at which it was read, or the reason why there is none. */
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
  /** While ECS replaces tasks: when the newest deployment began. */
  deployingSince?: Instant;
  /** Tasks in a row that ECS could not start in the primary deployment; absent when there are none. */
  failedTasks?: number;
  /** ECS's own words about tasks that it cannot place or start, until its next steady state. */
  trouble?: ServiceTrouble;
}

/** The newest event of a service about tasks that do not start. `since` is the time of the first one of the same trouble. */
export interface ServiceTrouble {
  /** `placement`: there is no room for a task; `start`: tasks are placed and do not start. */
  kind: 'placement' | 'start';
  since: Instant;
  message: string;
}

export interface FailedTask {
  /** Its ID. */
  task: string;
  at: Instant;
  reason: string;
  exitCode?: number;
  livedSeconds?: number;
  /** The last lines that it printed, oldest first; known only where task logs are files on this machine. */
  lastLines?: readonly string[];
}

/** Tasks of one deployment that ended by themselves soon after their start, or never started, in the last half hour. */
export interface FailedStarts {
  /** The deployment's id. */
  deployment: string;
  count: number;
  /** When the first one ended. */
  since: Instant;
  last: FailedTask;
  /** Tasks that started since then, run, and have lived longer than each of the failed ones. */
  survivors: number;
}

export interface OldestAge {
  seconds: number;
  /** True between CloudWatch's points, when the age is carried forward by the clock. */
  estimated: boolean;
}

/** Messages deleted a second in the period that ended at `until`. */
export interface MinuteDeleted {
  until: Instant;
  deleted: number;
}

/** Messages per second over CloudWatch's last complete minutes. */
export interface QueueRates {
  sent: number;
  received: number;
  deleted: number;
  /** End of the time that the rates cover. */
  until?: Instant;
  /** Length of that time in seconds. */
  period?: number;
  /** Later periods of the same length of which only the deletions are known, oldest first. */
  later?: MinuteDeleted[];
}

/** Message groups of FIFO queues that have messages in flight, in CloudWatch's newest minute. */
export interface QueueGroups {
  inFlight: number;
  /** End of that minute. */
  until: Instant;
}

/** Arrivals a second that most past days had in the next minutes of the day, and the number of days known. */
export interface UsualRate {
  perSecond: number;
  days: number;
}

/** Counts of the service's tasks. They are read less often than the service itself. */
export interface TaskCounts {
  running: number;
  /** PROVISIONING, PENDING or ACTIVATING. */
  starting: number;
  /** Median seconds from a task's creation to its RUNNING, over the present tasks; absent when none has started. */
  startUpSeconds?: number;
}

/** Tasks of the service that were asked whether they are protected from scale-in, and those that are. */
export interface TaskProtection {
  tasks: number;
  protected: number;
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
  /** The running tasks. */
  tasks?: Reading<TaskRef[]>;
  access?: Reading<QueueAccess>;
  /** Undefined when the service does not run in awsvpc mode. */
  network?: Reading<NetworkState | undefined>;
  /** ARN of the tasks' role; undefined when the tasks have none. */
  role?: Reading<string | undefined>;
  /** Messages in the dead-letter queue; undefined without one. */
  deadLetters?: Reading<number | undefined>;
  /** The parameter's value; undefined when the parameter does not exist. */
  flag?: Reading<string | undefined>;
  /** State of each alarm: OK, ALARM, INSUFFICIENT_DATA, or MISSING. */
  alarms?: Reading<Record<string, string>>;
}

/** One queue of a service that has several. */
export interface QueueReading {
  name: string;
  /** The part of a whole message that a message of this queue counts for in backlog rules; 1 when left out. */
  weight?: number;
  counts: Reading<QueueCounts>;
  age?: Reading<OldestAge | undefined>;
  rates?: Reading<QueueRates | undefined>;
  groups?: Reading<QueueGroups | undefined>;
}

/** The state of a CloudWatch alarm, metric or composite. */
export interface AlarmReport {
  /** MISSING: CloudWatch has no alarm of this name. */
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA' | 'MISSING';
  /** CloudWatch's own words for an alarm that is in ALARM. */
  reason?: string;
}

/** A request from the request parameter (`sluice chaos run`, `sluice chaos stop`). */
export interface ChaosRequest {
  id: string;
  action: 'run' | 'stop';
  /** `run` needs it; `stop` without it stops all experiments. */
  experiment?: string;
  expiresAt: Instant;
  /** The person who asks, or the reason. */
  by?: string;
}

export interface Observation {
  at: Instant;
  /** Name of the policy that owns the service; absent when it is this one. */
  takenBy?: string;
  /** With several queues the sum, which fails when one of them could not be read; `age` is then the oldest one's. */
  queue: Reading<QueueCounts>;
  /** Each queue; present only when the policy names several. */
  queues?: QueueReading[];
  service: Reading<ServiceState>;
  /** Absent until it was read once. `value` is undefined when CloudWatch holds no point, which does not mean age 0. */
  age?: Reading<OldestAge | undefined>;
  rates?: Reading<QueueRates | undefined>;
  /** Read only when all queues are FIFO queues; the groups of all of them. */
  groups?: Reading<QueueGroups | undefined>;
  tasks?: Reading<TaskCounts>;
  /** Read only for strategies that require it; `value` is undefined while too few days are known. */
  usual?: Reading<UsualRate | undefined>;
  /** Read only for strategies that require it, while messages are in flight. */
  protection?: Reading<TaskProtection>;
  /** Alarms that may pause scale-up, by name; present only for a policy that names some. */
  alarms?: Record<string, Reading<AlarmReport>>;
  /** Read only while workers are missing; `value` is undefined when no task failed. */
  failedStarts?: Reading<FailedStarts | undefined>;
  /** Readings for experiments; present only while an experiment runs or is due. */
  chaos?: ChaosReadings;
  /** Requests that have not expired. */
  requests?: ChaosRequest[];
}
