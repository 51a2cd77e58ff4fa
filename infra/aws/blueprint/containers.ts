/** The containers of a stack, and how ECS starts, stops and replaces them, as data. */

/** Seconds that ECS waits between SIGTERM and SIGKILL. Fargate allows up to 120. */
const STOP_TIMEOUT_S = 30;
/** Seconds that the reconciler takes at most to end. They are fewer than ECS's, so that it always writes its status. */
const SHUTDOWN_TIMEOUT_S = 25;
/** Seconds that a stopped worker has to finish its job. */
const WORKER_STOP_TIMEOUT_S = 60;
export const WORKER_VISIBILITY_S = 60;
/** The image's user; it owns nothing on the disk. */
const USER = '65532:65532';

/** Members that every task definition of a stack has. */
export const FARGATE = { networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] };

/** Tasks of the reconciler: one leads, the other stands by in another zone. See decision 65. */
export const RECONCILERS = 2;

/**
 * How ECS replaces the reconciler: new tasks start first and stand by, then the old ones are told to stop and hand over.
 * The lease sees to it that only one acts. ECS keeps the tasks in as many zones as it can.
 */
export const ROLLING = {
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  availabilityZoneRebalancing: 'ENABLED',
};

/** ECS goes back to the task definition before when new tasks do not become healthy. */
export const CIRCUIT_BREAKER = { enable: true, rollback: true };

interface Logs {
  logGroup: string;
  region: string;
}

export interface ReconcilerContainer extends Logs {
  image: string;
  /** The settings of `sluice run`, by variable. */
  environment: Record<string, string>;
  /** The ARNs of parameters that ECS reads into variables when the task starts, by variable. */
  secrets: Record<string, string>;
}

/** Returns the container of the reconciler, as a task definition takes it. */
export function reconcilerContainer({ image, environment, secrets, ...logs }: ReconcilerContainer) {
  return {
    name: 'sluice',
    image,
    essential: true,
    command: ['run'],
    user: USER,
    readonlyRootFilesystem: true,
    // The program is sound as PID 1, but for the 30 ms before any JavaScript runs, in which Node loses a SIGTERM.
    linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
    stopTimeout: STOP_TIMEOUT_S,
    environment: named({ ...environment, SLUICE_SHUTDOWN_TIMEOUT: `${SHUTDOWN_TIMEOUT_S}s` }, 'value'),
    secrets: named(secrets, 'valueFrom'),
    healthCheck: {
      command: ['CMD', 'node', '/app/healthcheck.js'],
      interval: 15,
      timeout: 5,
      retries: 3,
      startPeriod: 20,
    },
    logConfiguration: logConfiguration('sluice', logs),
  };
}

export interface WorkerContainer extends Logs {
  image: string;
  queueUrl: string;
  /** The parameter that workers poll, if the stack allows that fault. */
  flag?: string | undefined;
}

/** Returns the container of a demo worker. */
export function workerContainer({ image, queueUrl, flag, ...logs }: WorkerContainer) {
  const variables: Record<string, string> = {
    QUEUE_URL: queueUrl,
    VISIBILITY_TIMEOUT: String(WORKER_VISIBILITY_S),
    STOP_GRACE: String(WORKER_STOP_TIMEOUT_S - 5),
    ...(flag === undefined ? {} : { PROCESSING_FLAG_PARAMETER: flag }),
  };
  return {
    name: 'worker',
    image,
    essential: true,
    command: ['worker'],
    user: USER,
    readonlyRootFilesystem: true,
    stopTimeout: WORKER_STOP_TIMEOUT_S,
    environment: named(variables, 'value'),
    logConfiguration: logConfiguration('worker', logs),
  };
}

/**
 * Logs must never stop scaling, so the driver drops lines when CloudWatch Logs is away and its buffer is full. ECS's own
 * default is the same since June 2025, but with 1 MiB; 25 MiB is what AWS tested without loss ("Preventing log loss with
 * non-blocking mode in the AWSLogs container log driver").
 */
function logConfiguration(stream: string, { logGroup, region }: Logs) {
  return {
    logDriver: 'awslogs',
    options: {
      'awslogs-group': logGroup,
      'awslogs-region': region,
      'awslogs-stream-prefix': stream,
      mode: 'non-blocking',
      'max-buffer-size': '25m',
    },
  };
}

/** Returns a list sorted by name, so that a preview shows real changes only. */
function named<K extends string>(variables: Record<string, string>, member: K) {
  return Object.keys(variables)
    .sort()
    .map((name) => ({ name, [member]: variables[name] }));
}
