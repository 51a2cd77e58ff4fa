import { createCloudWatch } from '../../infra/local/cloudwatch/index.ts';
import { createEcs, type Ecs, type Task } from '../../infra/local/ecs/index.ts';
import { enforce } from '../../infra/local/enforce.ts';
import type { Statement } from '../../infra/local/iam.ts';
import { startLocalAws } from '../../infra/local/index.ts';
import { UserError } from '../text/user-error.ts';
import type { Reach } from './env-file.ts';
import type { QueuedMessage } from './own/queue-accounts.ts';
import type { Scenario } from './scenario.ts';

/** The embedded AWS, as far as the demo needs it. */
export interface Cloud {
  reach: Reach;
  /** Keys of a role whose policy is enforced; without them the reconciler signs as root. */
  reconcilerKey?: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /** Returns the process ids of the workers that run. */
  workerPids: () => number[];
  /** Returns the bodies of all messages of a queue, those in flight too. */
  bodies: (queue: string) => string[];
  /** Returns all messages of a queue, those in flight too. */
  messages: (queue: string) => readonly QueuedMessage[];
  /** Returns the running totals of a queue since the start of this process. */
  queueTotals: (queue: string) => { sent: number; received: number; deleted: number };
  /** Called with each line that a task prints. */
  onTaskOutput: (taskId: string, line: string) => void;
  /** Called once for each task that has stopped. */
  onTaskStopped: (task: StoppedTask) => void;
  close: () => Promise<void>;
}

/** A task that has stopped, and how. */
export interface StoppedTask {
  taskId: string;
  /** False when somebody asked for it: a scale-in, a deployment, StopTask. */
  byItself: boolean;
  exitCode: number | undefined;
  reason: string;
  /** Milliseconds from its start; undefined when it did not start. */
  lived: number | undefined;
  lastLines: string[];
}

export interface CloudOptions {
  port: number;
  scenario: Pick<Scenario, 'startUp' | 'timeScale'>;
  /** Added to the environment of every worker. */
  environment?: Record<string, string>;
  seed: number;
  /** The folder that keeps parameters, queues and services; undefined keeps nothing. */
  stateDir: string | undefined;
  /** The reconciler's IAM policy, to be enforced. */
  statements: Statement[] | undefined;
}

/** The role that the reconciler takes on when its policy is enforced. */
const ROLE = 'sluice-reconciler';
const HOME = { region: 'us-east-1', accountId: '000000000000' };
/** Milliseconds between two points of a metric: time is compressed here. AWS publishes once a minute. */
const PUBLISH_PERIOD_MS = 1_000;

/** Starts the embedded AWS. Throws UserError when its port or its state folder cannot be used. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { port, scenario, environment = {}, seed, stateDir, statements } = options;
  const startUpMs = scenario.startUp / scenario.timeScale;
  let ecs: Ecs | undefined;
  let cloud: Cloud | undefined;
  const workerPids = (): number[] => ecs?.metrics().flatMap((service) => service.pids) ?? [];
  try {
    const aws = await startLocalAws({
      port,
      ...HOME,
      ...(stateDir ? { stateDir } : {}),
      ...(statements ? { faults: enforce({ [ROLE]: statements }, HOME) } : {}),
      services: [
        (context) => {
          ecs = createEcs(context, {
            ...{ startUpMs, startUpJitterMs: startUpMs / 4, seed, environment },
            onTaskOutput: (task, _, line) => cloud?.onTaskOutput(idOf(task), line),
          });
          ecs.onTaskStateChange((task) => {
            if (task.lastStatus === 'STOPPED') cloud?.onTaskStopped(stoppedTask(ecs!, task));
          });
          return ecs;
        },
        (context) => createCloudWatch(context, { ecs: ecs!, publishPeriodMs: PUBLISH_PERIOD_MS }),
      ],
    });
    const { url: endpoint, region, rootKey: credentials } = aws;
    cloud = {
      reach: { endpoint, region, credentials },
      ...(statements ? { reconcilerKey: aws.credentials.issue({ roleName: ROLE, sessionName: 'up' }) } : {}),
      workerPids,
      bodies: (name) => aws.sqs.bodies(name),
      messages: (name) => aws.sqs.messages(name),
      queueTotals: (name) => {
        const { sent = 0, received = 0, deleted = 0 } = aws.sqs.metrics().find((q) => q.queueName === name) ?? {};
        return { sent, received, deleted };
      },
      onTaskOutput: () => {},
      onTaskStopped: () => {},
      close: () => aws.close(),
    };
    return cloud;
  } catch (error) {
    // Its messages say what to do.
    throw new UserError((error as Error).message);
  }
}

const idOf = ({ arn }: Task): string => arn.slice(arn.lastIndexOf('/') + 1);

function stoppedTask(ecs: Ecs, task: Task): StoppedTask {
  const { startedAt, executionStoppedAt, stopCode, stoppedReason = '' } = task;
  return {
    taskId: idOf(task),
    byItself: stopCode === 'EssentialContainerExited' || stopCode === 'TaskFailedToStart',
    exitCode: task.containers.find(({ exitCode }) => exitCode !== undefined)?.exitCode,
    reason: stoppedReason,
    lived: startedAt === undefined ? undefined : (executionStoppedAt ?? startedAt) - startedAt,
    lastLines: ecs.outputOf(task.arn).map(({ line }) => line),
  };
}
