/**
 * `sluice up`: the embedded AWS, demo workers, a load and the reconciler on this machine. The only file that knows both
 * the reconciler and infra/local. The reconciler runs in a process of its own, just as `sluice run` does on ECS.
 */
import { createCloudWatch } from '../../infra/local/cloudwatch/index.ts';
import { createEcs, type Ecs } from '../../infra/local/ecs/index.ts';
import { enforce } from '../../infra/local/enforce.ts';
import type { Statement } from '../../infra/local/iam.ts';
import { parsePolicy as parseIamPolicy } from '../../infra/local/iam-parse.ts';
import { startLocalAws } from '../../infra/local/index.ts';
import { formatProblem, parsePolicy } from '../../policies/document/parse.ts';
import { parseDuration } from '../../policies/grammar/duration.ts';
import { note, out, readInput, UsageError, UserError } from '../cli/io.ts';
import { type Cloud, Demo } from './demo.ts';
import { NAMES } from './provision.ts';
import { loadScenario, policyText, type Scenario } from './scenario.ts';
import { summaryText } from './summary.ts';

export interface UpOptions {
  scenario: string;
  duration?: string;
  port: string;
  endpointPort: string;
  policy?: string;
  iam?: string;
  drainTimeout: string;
  state?: string;
  seed: string;
  quiet?: boolean;
  json?: boolean;
}

/** Runs the demo until its end; status 0 unless a job was lost. */
export async function up(options: UpOptions): Promise<number> {
  const port = whole('port', options.port, 65_535);
  const endpointPort = whole('endpoint-port', options.endpointPort, 65_535);
  const seed = whole('seed', options.seed, 2 ** 31);
  const duration = options.duration === undefined ? undefined : durationOf('duration', options.duration);
  const drainTimeout = durationOf('drain-timeout', options.drainTimeout);
  // With --json people read stderr, so that the last line of stdout is the summary.
  const say = options.quiet ? () => {} : options.json ? note : out;
  const scenario = loadScenario(options.scenario);
  const policy = await policyFor(options, scenario);
  const statements = options.iam === undefined ? undefined : await iamPolicy(options.iam);
  const cloud = await startCloud(endpointPort, scenario, seed, options.state, statements);
  const demo = new Demo({ cloud, scenario, policy, port, duration, drainTimeout, seed, say });
  try {
    await demo.start();
    await demo.untilEnd();
    const { summary, aside } = await demo.finish();
    if (options.json) out(JSON.stringify(summary));
    else out(summaryText(summary, aside));
    return summary.lost === 0 ? 0 : 1;
  } finally {
    await demo.close();
  }
}

async function policyFor({ policy: file }: UpOptions, scenario: Scenario) {
  const text = file
    ? await readInput(file)
    : policyText(scenario, NAMES.policy, NAMES.queue, NAMES.cluster, NAMES.service);
  const shown = file ?? `scenario ${scenario.name}`;
  const parsed = parsePolicy(text);
  if (!parsed.ok)
    throw new UserError(
      `the policy of ${shown} is not valid\n${parsed.problems.map((p) => `  ${formatProblem(shown, p)}`).join('\n')}`,
    );
  const { metadata, spec } = parsed.policy;
  return { name: metadata.name, text, replace: file !== undefined, minWorkers: spec.scaling.minWorkers };
}

/** The role that the reconciler takes on with --iam. */
const ROLE = 'sluice-reconciler';
const HOME = { region: 'us-east-1', accountId: '000000000000' };

async function iamPolicy(file: string): Promise<Statement[]> {
  const text = await readInput(file);
  try {
    return parseIamPolicy(text, 'identity');
  } catch (error) {
    throw new UserError(
      `${file} is no IAM policy: ${(error as Error).message}`,
      'npm run --silent infra:policy -- local',
    );
  }
}

async function startCloud(
  port: number,
  scenario: Scenario,
  seed: number,
  stateDir: string | undefined,
  statements: Statement[] | undefined,
): Promise<Cloud> {
  const startUpMs = scenario.startUp / scenario.timeScale;
  let ecs: Ecs | undefined;
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
        // As often as time is compressed; AWS itself publishes each minute.
        (context) => createCloudWatch(context, { ecs: ecs!, publishPeriodMs: 1_000 }),
      ],
    });
    const { url, region, rootKey, credentials } = aws;
    return {
      url,
      region,
      rootKey,
      ...(statements ? { reconcilerKey: credentials.issue({ roleName: ROLE, sessionName: 'up' }) } : {}),
      workerPids: () => ecs!.metrics().flatMap((service) => service.pids),
      close: () => aws.close(),
    };
  } catch (error) {
    throw new UserError(
      (error as Error).message,
      'another `sluice up` may be running; other ports: --endpoint-port and --port (0 takes any free one)',
    );
  }
}

function durationOf(flag: string, text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(`--${flag} ${text} is not a duration`, 'such as 90s or 5m');
  return ms;
}

function whole(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw new UsageError(`--${flag} ${text} is not a whole number from 0 to ${most}`);
  return value;
}
