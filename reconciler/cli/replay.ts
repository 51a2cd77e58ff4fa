import { KnownPolicies } from '../../policies/replay.ts';
import { readInput } from '../text/input.ts';
import { LOG_FILE } from '../text/log-lines.ts';
import { decisionOf, type LogRecord } from '../text/log-record.ts';
import { UserError } from '../text/user-error.ts';
import type { Configure } from './command.ts';
import { type LogSource, recordsOf, withLogGroup } from './log-source.ts';
import { mustParse } from './must-parse.ts';
import { withJson, withTimes } from './options.ts';
import { compareWith } from './replay/compare.ts';
import { type Judged, verify } from './replay/verify.ts';

interface ReplayOptions extends LogSource {
  policy?: string;
  json?: boolean;
}

export const configure: Configure = (command, exit) =>
  withTimes(withLogGroup(withJson(command)))
    .argument('[log]', 'a log in JSON lines; - is stdin', LOG_FILE)
    .option('--policy <file>', 'show what another policy would have decided, and the worker-hours of it')
    .action(async (file: string, options: ReplayOptions) => exit(await replay(file, options)));

/** Computes every decision of a log again. Status 1 when one differs. */
async function replay(file: string, options: ReplayOptions): Promise<number> {
  const { policy, json = false } = options;
  const recorded = await read(recordsOf(file, options));
  if (recorded.length === 0)
    throw new UserError(
      `${options.cloudwatch ?? file} holds no decision`,
      'check that it is a log of `sluice run` or `sluice up`',
    );
  return policy === undefined
    ? verify(recorded, json)
    : compareWith(mustParse(policy, await readInput(policy)), policy, recorded, json);
}

/** Returns the decisions of a log. Each has the last document of its version that was applied before it. */
async function read(records: AsyncIterable<LogRecord>): Promise<Judged[]> {
  const known = new KnownPolicies();
  const recorded: Judged[] = [];
  for await (const record of records) {
    if (record.msg === 'policy applied' && record.policy && record.text !== undefined)
      known.learn(record.policy, record.version ?? 0, record.text);
    const decision = decisionOf(record);
    if (!decision || !record.memory) continue;
    recorded.push({ decision, memory: record.memory, policy: known.find(decision.policy, decision.generation) });
  }
  return recorded;
}
