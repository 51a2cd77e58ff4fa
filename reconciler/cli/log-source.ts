/** Where commands read the reconciliation log: a file, stdin, or a log group of CloudWatch Logs. */
import type { Command } from 'commander';
import { parseDuration } from '../../policies/grammar/duration.ts';
import { logLines } from '../text/log-lines.ts';
import type { LogRecord } from '../text/log-record.ts';
import { parseTime } from '../text/time.ts';
import { UsageError } from '../text/user-error.ts';
import { cloudWatchLines } from './cloudwatch-logs.ts';
import { recordsIn } from './log-records.ts';

export interface LogSource {
  /** A log group of CloudWatch Logs. */
  cloudwatch?: string;
  region?: string;
  since?: string;
}

/** Adds the flags that name a log group. The command has `--region` of its own if it calls AWS otherwise too. */
export const withLogGroup = (command: Command): Command =>
  (command.options.some((option) => option.long === '--region')
    ? command
    : command.option('--region <region>', 'AWS region of the log group')
  )
    .option('--cloudwatch <group>', 'read a log group of CloudWatch Logs (its last hour, or --since)')
    .option('--since <d-or-time>', 'read the log group from then on, such as 6h');

/** Yields the records of the log group that is named, or else of the file. `from` is in milliseconds since the epoch. */
export function recordsOf(
  file: string,
  { cloudwatch, region, since }: LogSource,
  from = sinceOf(since),
): AsyncGenerator<LogRecord> {
  if (cloudwatch === undefined) return recordsIn(logLines(file, false), file);
  return recordsIn(cloudWatchLines(cloudwatch, { from, ...(region ? { region } : {}) }), cloudwatch);
}

/** Returns `--since` in milliseconds since the epoch; negative infinity without it. */
export function sinceOf(text: string | undefined): number {
  if (text === undefined) return Number.NEGATIVE_INFINITY;
  const ms = parseDuration(text);
  const at = ms === undefined ? parseTime(text)?.from : Date.now() - ms;
  if (at === undefined)
    throw new UsageError(
      `--since ${text} is neither a duration nor a time`,
      'for example 10m, 20:00:00, or 2026-11-23T20:00:00Z',
    );
  return at;
}
