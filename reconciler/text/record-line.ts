import { decisionLine } from './decision.ts';
import { escapeStrings } from './escape-terminal.ts';
import { decisionOf, type LogRecord } from './log-record.ts';
import { color } from './terminal.ts';
import { timeText } from './time.ts';

/** Levels that an operator should look at. */
const SERIOUS = new Set(['warn', 'error', 'fatal']);

/** Returns a log record as one line for people: time, level if it is serious, policy, and what happened. */
export function recordLine(raw: LogRecord): string {
  const record = escapeStrings(raw);
  const { policy, version } = record;
  const time = color.dim(timeText(record.time));
  const who =
    policy === undefined ? '' : ` ${color.bold(policy)}${version === undefined ? '' : color.dim(`@${version}`)}`;
  const decision = decisionOf(record);
  if (decision) {
    const failed = record.results?.some((r) => r.outcome === 'failed') ? color.red(' (failed)') : '';
    return `${time}${who} ${decisionLine(decision)}${failed}`;
  }
  const level = SERIOUS.has(record.level) ? ` ${color.red(record.level.toUpperCase())}` : '';
  const detail = detailOf(record);
  return `${time}${level}${who} ${record.msg}${detail ? `: ${detail}` : ''}`;
}

function detailOf(record: LogRecord): string {
  const { alert, experiment, verdict, precondition, summary, problem, problems = [], effect, todo } = record;
  const parts = [
    alert ?? experiment,
    verdict,
    precondition,
    summary,
    problem === summary ? undefined : problem,
    ...problems,
    effect && `now: ${effect}`,
    todo && `do: ${todo}`,
  ];
  return parts.filter(Boolean).join('; ');
}
