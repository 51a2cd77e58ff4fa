import type { Decision } from '../../policies/model/decision.ts';
import { explainDecision } from '../text/decision.ts';
import { escapeTerminal } from '../text/escape-terminal.ts';
import { LOG_FILE } from '../text/log-lines.ts';
import { decisionOf } from '../text/log-record.ts';
import { color, json, out } from '../text/terminal.ts';
import { UsageError, UserError } from '../text/user-error.ts';
import type { Configure } from './command.ts';
import { logRecords } from './log-records.ts';
import { withJson } from './options.ts';

interface ExplainOptions {
  log: string;
  at?: string;
  json?: boolean;
}

export const configure: Configure = (command, exit) =>
  withJson(command)
    .argument('<name>', 'the policy')
    .option('--log <file>', 'the log to read; - is stdin', LOG_FILE)
    .option('--at <time>', 'the last decision up to this time (default: the newest)')
    .action(async (name: string, options: ExplainOptions) => exit(await explain(name, options)));

/** Prints the whole chain of reasons of one decision. */
async function explain(name: string, options: ExplainOptions): Promise<number> {
  const found = await lastDecision(name, options);
  if (!found)
    throw new UserError(
      `${options.log} holds no decision of ${name}${options.at ? ` up to ${options.at}` : ''}`,
      `see which policies the log tells of: sluice logs ${options.log}`,
    );
  if (options.json) json(found);
  else {
    out(explainDecision(found.decision));
    const actions = found.actions.map(escapeTerminal).join('; ');
    out(`  ${color.bold('actions')}    ${actions || 'no change needed'}`);
  }
  return 0;
}

async function lastDecision(name: string, { log, at }: ExplainOptions) {
  const limit = at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at);
  if (Number.isNaN(limit)) throw new UsageError(`--at ${at} is not a time`, 'for example 2026-11-23T20:00:00Z');
  let found: { decision: Decision; actions: string[] } | undefined;
  for await (const record of logRecords(log)) {
    if (record.policy !== name) continue;
    const decision = decisionOf(record);
    if (decision && decision.at <= limit) found = { decision, actions: record.actions ?? [] };
  }
  return found;
}
