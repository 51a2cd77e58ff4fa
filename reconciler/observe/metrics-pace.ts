import type { PolicySpec } from '../../policies/document/schema.ts';
import type { QueueCounts } from '../../policies/model/observation.ts';
import { areFifo } from '../../policies/scaling/groups.ts';
import { aimOf } from '../../policies/scaling/strategies/index.ts';

/** The parts of what CloudWatch tells of a queue, each of which is read at its own pace. */
export type MetricPart = 'age' | 'rates' | 'deleted' | 'groups';

/** Periods of CloudWatch between two reads of each part. A part that is absent is not read now. */
export type MetricPace = Partial<Record<MetricPart, number>>;

/** Looked at closely: while an experiment runs, and while much is learned from each point. */
const CLOSELY = 1;
/** CloudWatch bills a read and not its points, and what is learned from two points is the same a minute later. */
const LEARNED = 2;
/** The age is carried forward by the clock between two reads. */
const CARRIED = 2;
/** Nothing is decided by the rates themselves. */
const SHOWN = 10;
/** All parts are read closely for this many periods after the first read, when an estimate is still young. */
export const YOUNG = 30;

/** The circumstances that a pace depends on. */
export interface Circumstances {
  /** The counts of the queue, if they could be read. */
  counts: QueueCounts | undefined;
  /** An experiment runs, or is due. */
  experiment: boolean;
  /** The estimate is young: the first read of this queue was less than YOUNG periods ago. */
  young: boolean;
  /** The age of the oldest message as it is known now, in seconds: never less than the true one. */
  age: number | undefined;
}

/** Returns the pace at which a policy needs its metrics now. */
export function metricsPace(spec: PolicySpec, { counts, experiment, young, age }: Circumstances): MetricPace {
  const closely = experiment || young;
  const empty = counts !== undefined && counts.visible + counts.inFlight === 0;
  const asked = ageLimit(spec);
  // The carried age is the most that it can be: below the limit nothing changes by reading it again.
  const near = asked !== undefined && age !== undefined && age * 1_000 >= asked;
  return {
    ...(empty ? {} : { age: closely || near ? CLOSELY : CARRIED }),
    rates: closely ? CLOSELY : SHOWN,
    ...(waitsForGroups(spec, counts) ? { groups: CLOSELY } : {}),
    ...(aimOf(spec.scaling.strategies) ? { deleted: closely ? CLOSELY : LEARNED } : {}),
  };
}

/** Groups matter while messages wait. Of several queues, those without waiting messages keep workers busy too. */
function waitsForGroups({ queues }: PolicySpec, counts: QueueCounts | undefined): boolean {
  if (!counts || !areFifo(queues)) return false;
  return counts.visible > 0 || (queues.length > 1 && counts.inFlight > 0);
}

/** Returns the least age in milliseconds that an alert or a strategy asks about; undefined when none does. */
function ageLimit({ alerts, scaling }: PolicySpec): number | undefined {
  const limits = alerts
    .filter(({ metric }) => metric === 'oldestAge')
    .map(({ above, below }) => (below === undefined ? (above ?? 0) : 0));
  if (scaling.strategies.some((s) => s.type === 'step' && s.metric === 'oldestAge')) limits.push(0);
  return limits.length === 0 ? undefined : Math.min(...limits);
}
