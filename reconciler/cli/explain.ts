import type { Decision } from '../../policies/model/decision.ts';
import { explainDecision } from './format.ts';
import { color, json, out, UsageError, UserError } from './io.ts';
import { decisionOf, logLines, parseRecord } from './log-record.ts';

export interface ExplainOptions {
  log: string;
  /** The last decision at or before this time. */
  at?: string;
  json?: boolean;
}

/** `explain NAME`: the whole chain of reasons of one decision, from the log. */
export async function explain(name: string, options: ExplainOptions): Promise<number> {
  const limit = options.at === undefined ? Number.POSITIVE_INFINITY : Date.parse(options.at);
  if (Number.isNaN(limit)) throw new UsageError(`--at ${options.at} is not a time`, 'such as 2026-11-23T20:00:00Z');
  let found: { decision: Decision; actions: string[] } | undefined;
  for await (const line of logLines(options.log, false)) {
    const record = parseRecord(line);
    if (record?.policy !== name) continue;
    const decision = decisionOf(record);
    if (decision && decision.at <= limit) found = { decision, actions: record.actions ?? [] };
  }
  if (!found)
    throw new UserError(
      `${options.log} holds no decision of ${name}${options.at ? ` up to ${options.at}` : ''}`,
      'see which policies it tells of: sluice logs',
    );
  if (options.json) json(found);
  else {
    out(explainDecision(found.decision));
    out(`  ${color.bold('actions')}    ${found.actions.join('; ') || 'none: the world agrees with what was decided'}`);
  }
  return 0;
}
