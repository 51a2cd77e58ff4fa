/** The grammars of what CloudWatch answers. */
import type { AlarmReport, Instant } from '../../../policies/model/observation.ts';
import { Answer } from './answer.ts';

export interface Point {
  /** Start of the point's period. */
  at: Instant;
  value: number;
}

/**
 * Returns the points of each query in the pages of one GetMetricData, in the order in which CloudWatch tells them. Each query
 * must be answered, and none may be left at PartialData, which CloudWatch says of a result that goes on or broke off.
 */
export function metricPoints(pages: readonly unknown[], ids: readonly string[]): Map<string, Point[]> {
  const points = new Map<string, Point[]>();
  const last = new Map<string, Answer>();
  for (const page of pages)
    for (const result of new Answer('cloudwatch:GetMetricData', page).get('MetricDataResults').list()) {
      const id = result.get('Id').oneOf(ids, 'the id of a query');
      points.set(id, [...(points.get(id) ?? []), ...pointsOf(result)]);
      last.set(id, result.get('StatusCode'));
    }
  for (const id of ids) last.get(id)?.exactly('Complete');
  const untold = ids.find((id) => !points.has(id));
  if (untold !== undefined) new Answer('cloudwatch:GetMetricData', pages.at(-1)).refuse(`a result for ${untold}`);
  return points;
}

function pointsOf(result: Answer): Point[] {
  const times = result.get('Timestamps').list();
  const values = result.get('Values').list();
  if (times.length !== values.length) result.get('Values').refuse(`${times.length} values`);
  return times.map((time, i) => ({ at: time.date(), value: values[i]?.amount() ?? 0 }));
}

/**
 * Returns the state of each alarm, MISSING for one that is not there. A list that is left out is an empty one only beside the
 * other list.
 */
export function alarmStates(output: unknown, names: readonly string[]): Record<string, string> {
  const reports = alarmReports([output], names);
  return Object.fromEntries(names.map((name, i) => [name, reports[i]?.state ?? 'MISSING']));
}

/** Characters of an alarm's reason that are kept: CloudWatch quotes many data points. */
const REASON_LENGTH = 300;

/** Returns a report of each alarm in the pages of one DescribeAlarms, in the order of the names. */
export function alarmReports(pages: readonly unknown[], names: readonly string[]): AlarmReport[] {
  const found = new Map(
    pages.flatMap(alarmsOn).map((alarm) => {
      const name = alarm.get('AlarmName').oneOf(names, 'the name of an alarm that was asked for');
      const state = alarm.get('StateValue').oneOf(['OK', 'ALARM', 'INSUFFICIENT_DATA']);
      return [name, state === 'ALARM' ? { state, ...reasonOf(alarm) } : { state }] as const;
    }),
  );
  return names.map((name) => found.get(name) ?? { state: 'MISSING' });
}

function alarmsOn(page: unknown): Answer[] {
  const answer = new Answer('cloudwatch:DescribeAlarms', page);
  const lists = [answer.get('MetricAlarms').ifPresent, answer.get('CompositeAlarms').ifPresent];
  if (lists.every((list) => list === undefined)) answer.refuse('a list of alarms');
  return lists.flatMap((list) => list?.list() ?? []);
}

/** The reason is for people only, so an alarm without one is still an alarm. */
function reasonOf(alarm: Answer): { reason?: string } {
  const { value } = alarm.get('StateReason');
  return typeof value === 'string' && value !== '' ? { reason: value.slice(0, REASON_LENGTH) } : {};
}
