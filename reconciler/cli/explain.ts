import type { Decision } from '../../policies/model/decision.ts';
import { ago } from '../text/ago.ts';
import { explainDecision } from '../text/decision.ts';
import { escapeTerminal } from '../text/escape-terminal.ts';
import { isoTimes } from '../text/iso-times.ts';
import { LOG_FILE } from '../text/log-lines.ts';
import { decisionOf } from '../text/log-record.ts';
import { color, json, out } from '../text/terminal.ts';
import { parseTime, type Span, timeText } from '../text/time.ts';
import { UsageError, UserError } from '../text/user-error.ts';
import type { Configure } from './command.ts';
import { type LogSource, recordsOf, withLogGroup } from './log-source.ts';
import { withJson, withTimes } from './options.ts';

interface ExplainOptions extends LogSource {
  log: string;
  at?: string;
  json?: boolean;
}

/** The decision that was asked for, and the changes of the count before and after it. */
interface Found {
  decision: Decision;
  actions: string[];
  previousChange?: Decision;
  nextChange?: Decision;
}

/** Milliseconds before `--at` that are read of a log group, so that the change before it is found. */
const BEFORE_MS = 3_600_000;

export const configure: Configure = (command, exit) =>
  withTimes(withLogGroup(withJson(command)))
    .argument('<name>', 'the policy')
    .option('--log <file>', 'the log to read; - is stdin', LOG_FILE)
    .option('--at <time>', 'the last decision up to this time, as logs and page show it (default: the newest)')
    .action(async (name: string, options: ExplainOptions) => exit(await explain(name, options)));

/** Prints the whole chain of reasons of one decision, its age, and the changes around it. */
async function explain(name: string, options: ExplainOptions): Promise<number> {
  const limit = limitOf(options.at);
  const found = await find(name, options, limit);
  if (!found) {
    const log = options.cloudwatch ?? options.log;
    throw new UserError(
      `${log} holds no decision of ${name}${options.at ? ` up to ${options.at}` : ''}`,
      `see which policies the log tells of: sluice logs ${options.cloudwatch ? `--cloudwatch ${log}` : log}`,
    );
  }
  if (options.json) json(asJson(found));
  else print(found);
  return 0;
}

function print({ decision, actions, previousChange, nextChange }: Found): void {
  out(explainDecision(decision));
  out(`  ${color.bold('actions')}    ${actions.map(escapeTerminal).join('; ') || 'no change needed'}`);
  out(`  ${color.bold('age')}        this decision is ${ago(decision.at)} old`);
  if (previousChange) out(`  ${color.bold('before')}     ${changeText(previousChange)}`);
  if (nextChange) out(`  ${color.bold('after')}      ${changeText(nextChange)}`);
}

const changeText = ({ at, mode, current, desired, summary }: Decision): string =>
  `${timeText(at)} ${mode === 'observe' ? 'would have gone ' : ''}${current} -> ${desired}: ${escapeTerminal(summary)}`;

/** Returns what programs get: times are ISO 8601. */
function asJson({ decision, actions, previousChange, nextChange }: Found): object {
  const change = ({ at, current, desired, summary }: Decision) => ({
    at: new Date(at).toISOString(),
    from: current,
    to: desired,
    summary,
  });
  return {
    at: new Date(decision.at).toISOString(),
    ageSeconds: Math.max(0, Math.round((Date.now() - decision.at) / 1_000)),
    decision: isoTimes(decision),
    actions,
    ...(previousChange ? { previousChange: change(previousChange) } : {}),
    ...(nextChange ? { nextChange: change(nextChange) } : {}),
  };
}

function limitOf(at: string | undefined): Span | undefined {
  if (at === undefined) return undefined;
  const limit = parseTime(at);
  if (!limit) throw new UsageError(`--at ${at} is not a time`, 'for example 20:00:06, or 2026-11-23T20:00:06Z');
  return limit;
}

async function find(name: string, options: ExplainOptions, limit: Span | undefined): Promise<Found | undefined> {
  const from = limit && options.since === undefined ? limit.from - BEFORE_MS : undefined;
  const latest = limit?.to ?? Number.POSITIVE_INFINITY;
  let found: Found | undefined;
  let change: Decision | undefined;
  for await (const record of recordsOf(options.log, options, from)) {
    const decision = record.policy === name ? decisionOf(record) : undefined;
    if (!decision) continue;
    const changes = decision.current !== undefined && decision.current !== (decision.desired ?? decision.current);
    if (decision.at <= latest) {
      found = { decision, actions: record.actions ?? [], ...(change ? { previousChange: change } : {}) };
      if (changes) change = decision;
    } else if (changes && found && !found.nextChange) found.nextChange = decision;
  }
  return found;
}
