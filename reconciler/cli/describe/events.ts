/** Events of one policy, from its status, its stored versions and its log, as `sluice describe` lists them. */
import type { StatusDocument } from '../../../policies/status.ts';
import type { HistoryEntry } from '../../aws/parameters.ts';
import { decisionOf, type LogRecord } from '../../text/log-record.ts';

/** One thing that happened, or the same thing several times. Times are in milliseconds since the epoch. */
export interface PolicyEvent {
  kind: 'scaling' | 'edit' | 'experiment' | 'trouble';
  message: string;
  count: number;
  first: number;
  last: number;
}

type Moment = Pick<PolicyEvent, 'kind' | 'message'> & { at: number };

/** Events that are listed; older ones are in the log. */
const SHOWN = 10;

/** Returns the last ten events, oldest first. Moments that follow one another with the same words are one event. */
export function eventsOf(moments: readonly Moment[]): PolicyEvent[] {
  const events: PolicyEvent[] = [];
  for (const { at, kind, message } of [...moments].sort((a, b) => a.at - b.at)) {
    const same = events.find((e) => e.kind === kind && e.message === message);
    if (same) {
      same.count++;
      same.last = at;
    } else events.push({ kind, message, count: 1, first: at, last: at });
  }
  return events.sort((a, b) => a.last - b.last).slice(-SHOWN);
}

/** Returns what the status tells: the last changes of the count, and the experiments that it keeps. */
export function fromStatus(status: StatusDocument | undefined): Moment[] {
  if (!status) return [];
  const scales = [status.lastScaleUp, status.lastScaleDown].flatMap((s): Moment[] =>
    s
      ? [{ at: Date.parse(s.at), kind: 'scaling', message: `${s.would ? 'would ' : ''}${s.from} -> ${s.to} workers` }]
      : [],
  );
  const runs = status.experiments.flatMap(({ experiment, startedAt, timeline, verdict }): Moment[] => {
    const start = Date.parse(startedAt);
    const { ended } = timeline;
    return [
      { at: start, kind: 'experiment', message: `${experiment} started` },
      ...(ended === undefined || verdict === undefined
        ? []
        : [{ at: start + ended * 1_000, kind: 'experiment' as const, message: `${experiment}: ${verdict}` }]),
    ];
  });
  return [...scales, ...runs];
}

/** Returns the stored versions as events. */
export const fromVersions = (versions: readonly HistoryEntry[]): Moment[] =>
  versions.map(({ version, modified, user, description }) => ({
    at: new Date(modified).getTime(),
    kind: 'edit',
    message: `version ${version} stored by ${user}${description ? `: ${description}` : ''}`,
  }));

/** Returns what a record of the log tells: a change of the count, or a warning. */
export function fromRecord(record: LogRecord): Moment[] {
  const at = Date.parse(record.time);
  const decision = decisionOf(record);
  if (decision) {
    const { current, desired, mode, summary } = decision;
    const changes = desired !== undefined && current !== undefined && current !== desired;
    return changes ? [{ at, kind: 'scaling', message: `${mode === 'observe' ? 'would ' : ''}${summary}` }] : [];
  }
  if (!['warn', 'error', 'fatal'].includes(record.level)) return [];
  return [{ at, kind: 'trouble', message: [record.msg, record.problem].filter(Boolean).join(': ') }];
}
