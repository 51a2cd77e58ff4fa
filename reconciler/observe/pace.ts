/** How often the metrics of a policy's queue are read: AWS bills each read, so it is as rare as its readers allow. */
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { Instant, QueueCounts } from '../../policies/model/observation.ts';
import type { RequiredReadings } from '../../policies/model/required-readings.ts';

/** Metrics that nobody waits for are read once in this many intervals, with all the points in between. */
export const SLOW = 6;
/** How long rates are read at each interval after the first message: service times are learned from them. */
export const LEARNING_MS = 30 * 60_000;
/**
 * Rates cover this many points, fewer than there are between two reads: CloudWatch's points come up to two minutes late, and
 * a service time is learned from a stretch that is over, that no read before has covered, and that the policy's memory of
 * five minutes still holds.
 */
const RATE_PERIODS = 4;

export interface Pace {
  /** Milliseconds between two reads of the age; undefined while the queue is empty, and its age with it. */
  age: number | undefined;
  /** Milliseconds between two reads of the rates. */
  rates: number;
  /** Points that the rates cover. */
  ratePeriods: number;
}

export interface SeenQueue {
  /** The newest counts that are known. */
  counts: QueueCounts;
  /** When it first held a message. */
  busySince: Instant | undefined;
}

/** Returns the pace for a policy whose queue was seen as `queue`. `interval` is the setting, in milliseconds. */
export function paceOf(
  spec: PolicySpec,
  requiredReadings: RequiredReadings,
  queue: SeenQueue | undefined,
  interval: number,
  now: Instant,
): Pace {
  const running = Object.keys(requiredReadings).length > 0;
  const learning = queue?.busySince !== undefined && now - queue.busySince < LEARNING_MS;
  const soon = running || learning;
  return {
    age: queue && isEmpty(queue.counts) ? undefined : watchesAge(spec) || running ? interval : SLOW * interval,
    rates: soon ? interval : SLOW * interval,
    ratePeriods: soon ? 1 : RATE_PERIODS,
  };
}

/** Returns what is known of a queue after one more look. */
export const seenQueue = (before: SeenQueue | undefined, counts: QueueCounts, now: Instant): SeenQueue => ({
  counts,
  busySince: before?.busySince ?? (isEmpty(counts) ? undefined : now),
});

const isEmpty = ({ visible, inFlight }: QueueCounts): boolean => visible + inFlight === 0;

/** Returns whether a rule, an alert or an experiment of the policy looks at the age of the oldest message. */
function watchesAge({ scaling, alerts, chaos }: PolicySpec): boolean {
  return (
    chaos.enabled ||
    alerts.some(({ metric }) => metric === 'oldestAge') ||
    scaling.strategies.some((strategy) => strategy.type === 'step' && strategy.metric === 'oldestAge')
  );
}
