import { parseDuration } from '../../policies/grammar/duration.ts';
import type { DemoPolicy } from '../demo/demo.ts';
import { readIamPolicy } from '../demo/iam-policy.ts';
import { fitPolicy, suggestedPolicy } from '../demo/own/policy.ts';
import { ownSummaryText } from '../demo/own/summary.ts';
import { DEFAULT_DEFINITION, readTaskDefinition } from '../demo/own/task-definition.ts';
import { NAMES } from '../demo/provision.ts';
import { loadScenario, policyText, type Scenario } from '../demo/scenario.ts';
import { summaryText } from '../demo/summary.ts';
import { type UpOwnOptions, up, upOwn } from '../demo/up.ts';
import { readInput } from '../text/input.ts';
import { note, out } from '../text/terminal.ts';
import { UsageError } from '../text/user-error.ts';
import type { Configure } from './command.ts';
import { mustParse } from './must-parse.ts';
import { withJson } from './options.ts';

interface UpFlags {
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
  worker?: string;
  load?: string;
  taskDefinition?: string;
  container?: string;
  queue?: string[];
  visibilityTimeout?: string;
}

export const configure: Configure = (command, exit) =>
  withJson(command)
    .option('--scenario <name-or-file>', 'what happens (see examples/scenarios)', 'tour')
    .option('--duration <d>', 'end after this time, such as 90s (default: on Ctrl-C)')
    .option('--port <n>', 'port of the page, health and metrics', '8080')
    .option('--endpoint-port <n>', 'port of the embedded AWS', '4566')
    .option('--policy <file>', "a policy of your own instead of the scenario's")
    .option('--worker <command>', 'run this command as the tasks of the service, instead of the demo worker')
    .option('--load <command>', 'with --worker: a command that sends jobs')
    .option('--task-definition <file>', 'with --worker: take environment and stopTimeout from this JSON file')
    .option(
      '--container <name>',
      'with --task-definition: the container that is the worker (default: the first essential one)',
    )
    .option('--queue <name...>', 'with --worker: queues to create; Sluice scales by the first one (default: jobs)')
    .option('--visibility-timeout <d>', 'with --worker: visibility timeout of the queues (default: 60s)')
    .option('--iam <file>', 'enforce this IAM policy for the reconciler (see sluice iam-policy)')
    .option('--drain-timeout <d>', 'longest time to process the queued jobs at the end', '60s')
    .option('--state <dir>', 'keep parameters, queues and services in this folder')
    .option('--seed <n>', 'seed of every random number', '1')
    .option('--quiet', 'print the summary only')
    .action(async (flags: UpFlags) => exit(await run(flags)));

/** Runs the demo and prints its summary. Status 1 when a job was lost. */
async function run(flags: UpFlags): Promise<number> {
  const port = whole('port', flags.port, 65_535);
  const endpointPort = whole('endpoint-port', flags.endpointPort, 65_535);
  const seed = whole('seed', flags.seed, 2 ** 31);
  const duration = flags.duration === undefined ? undefined : durationOf('duration', flags.duration);
  const drainTimeout = durationOf('drain-timeout', flags.drainTimeout);
  const statements = flags.iam === undefined ? undefined : await readIamPolicy(flags.iam);
  // With --json people read stderr, so that the last line of stdout is the summary.
  const say = flags.quiet ? () => {} : flags.json ? note : out;
  const given = { statements, port, endpointPort, duration, drainTimeout, seed, say, stateDir: flags.state };
  if (flags.worker !== undefined) return await runOwn(flags.worker, flags, given);
  mustNeedWorker(flags);
  const scenario = await loadScenario(flags.scenario);
  const policy = await policyFor(flags.policy, scenario);
  const { summary, aside } = await up({ ...given, scenario, policy });
  out(flags.json ? JSON.stringify(summary) : summaryText(summary, aside));
  return summary.lost === 0 ? 0 : 1;
}

type Given = Omit<UpOwnOptions, 'worker' | 'load' | 'definition' | 'policy' | 'queues' | 'visibilityTimeout'>;

/** SQS's rule for names, which are at most 80 characters long. */
const QUEUE_NAME = /^(?=.{1,80}$)[\w-]+(\.fifo)?$/;

/** Runs the user's own worker and prints its summary. Status 1 when a message was lost. */
async function runOwn(worker: string, flags: UpFlags, given: Given): Promise<number> {
  if (worker.trim() === '')
    throw new UsageError('--worker is empty', 'give the command that starts your worker: --worker "python worker.py"');
  for (const name of flags.queue ?? [])
    if (!QUEUE_NAME.test(name))
      throw new UsageError(`--queue ${name} is not the name of a queue`, 'give a name, not a URL or ARN: --queue jobs');
  if (flags.container !== undefined && flags.taskDefinition === undefined)
    throw new UsageError('--container needs --task-definition', 'for example --task-definition task-definition.json');
  const source = flags.policy ?? 'the suggested policy';
  const text = flags.policy === undefined ? suggestedPolicy(flags.queue?.[0] ?? 'jobs') : await readInput(flags.policy);
  const policy = fitPolicy(text, mustParse(source, text), source);
  const definition =
    flags.taskDefinition === undefined
      ? DEFAULT_DEFINITION
      : await readTaskDefinition(flags.taskDefinition, flags.container);
  const queues = [...new Set([policy.queue, ...(flags.queue ?? [])])];
  const visibilityTimeout = durationOf('visibility-timeout', flags.visibilityTimeout ?? '60s');
  const own = { worker, load: flags.load, definition, policy, queues, visibilityTimeout };
  const { summary, aside } = await upOwn({ ...given, ...own });
  out(flags.json ? JSON.stringify(summary) : ownSummaryText(summary, aside));
  return summary.queues.every(({ lost }) => lost === 0) ? 0 : 1;
}

function mustNeedWorker({ load, taskDefinition, container, queue, visibilityTimeout }: UpFlags): void {
  const given = { load, 'task-definition': taskDefinition, container, queue, 'visibility-timeout': visibilityTimeout };
  for (const [flag, value] of Object.entries(given))
    if (value !== undefined)
      throw new UsageError(`--${flag} needs --worker`, 'for example --worker "python worker.py"');
}

async function policyFor(file: string | undefined, scenario: Scenario): Promise<DemoPolicy> {
  const text = file === undefined ? policyText(scenario, NAMES) : await readInput(file);
  const { metadata, spec } = mustParse(file ?? `the policy of scenario ${scenario.name}`, text);
  return { name: metadata.name, text, replace: file !== undefined, minWorkers: spec.scaling.minWorkers };
}

function durationOf(flag: string, text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(`--${flag} ${text} is not a duration`, 'for example 90s or 5m');
  return ms;
}

function whole(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most)
    throw new UsageError(`--${flag} ${text} is not a whole number from 0 to ${most}`);
  return value;
}
