import { createCloudWatch } from '../../infra/local/cloudwatch/index.ts';
import { createEcs, type Ecs } from '../../infra/local/ecs/index.ts';
import { enforce } from '../../infra/local/enforce.ts';
import type { Statement } from '../../infra/local/iam.ts';
import { startLocalAws } from '../../infra/local/index.ts';
import { UserError } from '../text/user-error.ts';
import type { Reach } from './env-file.ts';
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
  close: () => Promise<void>;
}

export interface CloudOptions {
  port: number;
  scenario: Scenario;
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
export async function startCloud({ port, scenario, seed, stateDir, statements }: CloudOptions): Promise<Cloud> {
  const startUpMs = scenario.startUp / scenario.timeScale;
  let ecs: Ecs | undefined;
  const workerPids = (): number[] => ecs?.metrics().flatMap((service) => service.pids) ?? [];
  try {
    const aws = await startLocalAws({
      port,
      ...HOME,
      ...(stateDir ? { stateDir } : {}),
      ...(statements ? { faults: enforce({ [ROLE]: statements }, HOME) } : {}),
      services: [
        (context) => {
          ecs = createEcs(context, { startUpMs, startUpJitterMs: startUpMs / 4, seed });
          return ecs;
        },
        (context) => createCloudWatch(context, { ecs: ecs!, publishPeriodMs: PUBLISH_PERIOD_MS }),
      ],
    });
    const { url: endpoint, region, rootKey: credentials } = aws;
    return {
      reach: { endpoint, region, credentials },
      ...(statements ? { reconcilerKey: aws.credentials.issue({ roleName: ROLE, sessionName: 'up' }) } : {}),
      workerPids,
      bodies: (name) => aws.sqs.bodies(name),
      close: () => aws.close(),
    };
  } catch (error) {
    throw new UserError(
      (error as Error).message,
      'another `sluice up` may be running; choose other ports with --endpoint-port and --port (0 takes any free one)',
    );
  }
}
