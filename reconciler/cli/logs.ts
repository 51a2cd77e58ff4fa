import { parseDuration } from '../../policies/grammar/duration.ts';
import { cloudWatchLines } from './cloudwatch-logs.ts';
import { decisionLine } from './format.ts';
import { color, out, UsageError } from './io.ts';
import { decisionOf, type LogRecord, logLines, parseRecord } from './log-record.ts';

export interface LogsOptions {
  policy?: string;
  /** Only records in which something was written to AWS, or would have been. */
  actions?: boolean;
  since?: string;
  level?: string;
  follow?: boolean;
  json?: boolean;
  /** A log group of CloudWatch Logs. */
  cloudwatch?: string;
  region?: string;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** `logs [FILE|-]`: the reconciliation log for people, one line a record. Lines that are not ours pass unchanged. */
export async function logs(file: string, options: LogsOptions): Promise<number> {
  const from = sinceOf(options.since);
  const least = options.level === undefined ? 0 : LEVELS.indexOf(options.level);
  if (least < 0) throw new UsageError(`--level ${options.level} is not a level`, `one of ${LEVELS.join(', ')}`);
  const lines =
    options.cloudwatch === undefined
      ? logLines(file, options.follow ?? false)
      : cloudWatchLines(options.cloudwatch, { ...options, from });
  for await (const line of lines) {
    const record = parseRecord(line);
    if (!record) {
      if (!options.json && line.trim() !== '' && !options.policy && !options.actions) out(color.dim(line));
      continue;
    }
    if (options.policy !== undefined && record.policy !== options.policy) continue;
    if (options.actions && !(record.msg === 'decision' && record.actions && record.actions.length > 0)) continue;
    if (Date.parse(record.time) < from || LEVELS.indexOf(record.level) < least) continue;
    if (options.json) out(line);
    else out(recordLine(record));
  }
  return 0;
}

/** A record on one line: time, level when it is worth a look, policy, and what happened. */
export function recordLine(record: LogRecord): string {
  const time = color.dim(record.time.slice(11, 23));
  const who =
    record.policy === undefined
      ? ''
      : ` ${color.bold(record.policy)}${record.version === undefined ? '' : color.dim(`@${record.version}`)}`;
  const decision = decisionOf(record);
  if (decision) {
    const failed = record.results?.some((r) => r.outcome === 'failed') ? color.red(' (failed)') : '';
    return `${time}${who} ${decisionLine(decision)}${failed}`;
  }
  const level = LEVELS.indexOf(record.level) >= 3 ? ` ${color.red(record.level.toUpperCase())}` : '';
  const parts = [
    record.alert ?? record.experiment,
    record.verdict,
    record.precondition,
    record.summary,
    record.problem === record.summary ? undefined : record.problem,
    ...(record.problems ?? []),
    record.effect && `now: ${record.effect}`,
    record.todo && `do: ${record.todo}`,
  ];
  const detail = parts.filter(Boolean).join('; ');
  return `${time}${level}${who} ${record.msg}${detail ? `: ${detail}` : ''}`;
}

function sinceOf(text: string | undefined): number {
  if (text === undefined) return Number.NEGATIVE_INFINITY;
  const ms = parseDuration(text);
  const at = ms === undefined ? Date.parse(text) : Date.now() - ms;
  if (Number.isNaN(at))
    throw new UsageError(`--since ${text} is neither a duration nor a time`, 'such as 10m, or 2026-11-23T20:00:00Z');
  return at;
}
