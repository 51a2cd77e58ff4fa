import { KnownPolicies, type Recorded } from '../../policies/replay.ts';
import { readInput } from '../text/input.ts';
import { LOG_FILE } from '../text/log-lines.ts';
import { decisionOf } from '../text/log-record.ts';
import { UserError } from '../text/user-error.ts';
import type { Configure } from './command.ts';
import { logRecords } from './log-records.ts';
import { mustParse } from './must-parse.ts';
import { withJson } from './options.ts';
import { compareWith } from './replay/compare.ts';
import { verify } from './replay/verify.ts';

interface ReplayOptions {
  policy?: string;
  json?: boolean;
}

export const configure: Configure = (command, exit) =>
  withJson(command)
    .argument('[log]', 'a log in JSON lines; - is stdin', LOG_FILE)
    .option('--policy <file>', 'show what another policy would have decided, and the worker-hours of it')
    .action(async (file: string, options: ReplayOptions) => exit(await replay(file, options)));

/** Computes every decision of a log again. Status 1 when one differs. */
async function replay(file: string, { policy, json = false }: ReplayOptions): Promise<number> {
  const { recorded, known } = await read(file);
  if (recorded.length === 0)
    throw new UserError(`${file} holds no decision`, 'check that it is a log of `sluice run` or `sluice up`');
  return policy === undefined
    ? verify(recorded, known, json)
    : compareWith(mustParse(policy, await readInput(policy)), policy, recorded, json);
}

/** Returns the decisions of a log, and the policies whose text it holds. */
async function read(file: string): Promise<{ recorded: Recorded[]; known: KnownPolicies }> {
  const known = new KnownPolicies();
  const recorded: Recorded[] = [];
  for await (const record of logRecords(file)) {
    if (record.msg === 'policy applied' && record.policy && record.text !== undefined)
      known.learn(record.policy, record.version ?? 0, record.text);
    const decision = decisionOf(record);
    if (decision && record.memory) recorded.push({ decision, memory: record.memory });
  }
  return { recorded, known };
}
