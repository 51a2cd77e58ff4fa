import { escapeTerminal } from '../text/escape-terminal.ts';
import { LOG_LEVELS } from '../text/levels.ts';
import { LOG_FILE, logLines } from '../text/log-lines.ts';
import { type LogRecord, parseRecord } from '../text/log-record.ts';
import { recordLine } from '../text/record-line.ts';
import { color, out } from '../text/terminal.ts';
import { UsageError } from '../text/user-error.ts';
import { cloudWatchLines } from './cloudwatch-logs.ts';
import type { Configure } from './command.ts';
import { sinceOf } from './log-source.ts';
import { withTimes } from './options.ts';

interface LogsOptions {
  policy?: string;
  actions?: boolean;
  since?: string;
  level?: string;
  follow?: boolean;
  json?: boolean;
  /** A log group of CloudWatch Logs. */
  cloudwatch?: string;
  region?: string;
}

/** The reconciler's levels; `fatal` stands above them in logs of other programs that use pino. */
const LEVELS: readonly string[] = [...LOG_LEVELS.filter((level) => level !== 'silent'), 'fatal'];

export const configure: Configure = (command, exit) =>
  withTimes(command)
    .argument('[file]', 'a log in JSON lines; - is stdin', LOG_FILE)
    .option('--cloudwatch <group>', 'read a log group of CloudWatch Logs (its last hour, or --since)')
    .option('--region <region>', 'AWS region of the log group')
    .option('--policy <name>', 'show only this policy')
    .option('--actions', 'show only decisions that change something')
    .option('--since <d-or-time>', 'show only records that are not older, such as 10m')
    .option('--level <level>', 'show only this level and above')
    .option('-f, --follow', 'wait for more')
    .option('--json', 'print the records as they are')
    .action(async (file: string, options: LogsOptions) => exit(await logs(file, options)));

/** Prints the log, one line per record. Lines of other programs are shown too, unless the flags select records. */
async function logs(file: string, options: LogsOptions): Promise<number> {
  const from = sinceOf(options.since);
  const isWanted = filterOf(options, from);
  const selects = options.policy !== undefined || options.actions === true || options.json === true;
  const lines =
    options.cloudwatch === undefined
      ? logLines(file, options.follow ?? false)
      : cloudWatchLines(options.cloudwatch, { ...options, from });
  for await (const line of lines) {
    const record = parseRecord(line);
    if (record === undefined) {
      if (!selects && line.trim() !== '') out(color.dim(escapeTerminal(line)));
    } else if (isWanted(record)) out(options.json ? line : recordLine(record));
  }
  return 0;
}

function filterOf({ policy, actions, level }: LogsOptions, from: number): (record: LogRecord) => boolean {
  const least = level === undefined ? -1 : LEVELS.indexOf(level);
  if (level !== undefined && least < 0)
    throw new UsageError(`--level ${level} is not a log level`, `choose one of ${LEVELS.join(', ')}`);
  return (record) =>
    (policy === undefined || record.policy === policy) &&
    (!actions || (record.msg === 'decision' && (record.actions?.length ?? 0) > 0)) &&
    !(Date.parse(record.time) < from) &&
    LEVELS.indexOf(record.level) >= least;
}
