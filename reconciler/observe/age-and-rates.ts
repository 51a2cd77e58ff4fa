import type {
  Instant,
  MinuteDeleted,
  Observation,
  OldestAge,
  QueueCounts,
  QueueRates,
  Reading,
} from '../../policies/model/observation.ts';
import type { Point } from '../aws/border/cloudwatch.ts';
import { LEAST_SUM_MS, type QueuePoints } from './cloudwatch.ts';
import { mapReading } from './reading.ts';

/** Periods of deletions that are told beside the rates: as many as may be new at one read. */
const TOLD = 2;

/** Returns the age and the rates as readings, each with the time at which its own part was read. */
export function ageAndRates(
  points: Reading<QueuePoints>,
  counts: QueueCounts | undefined,
  now: Instant,
  period: number,
): Required<Pick<Observation, 'age' | 'rates'>> {
  const known = points.ok ? points.value : {};
  return {
    age: { ...mapReading(points, (p) => ageOf(p, counts, now, period)), at: known.age?.at ?? points.at },
    rates: { ...mapReading(points, (p) => ratesOf(p, period)), at: known.rates?.at ?? points.at },
  };
}

/**
 * Returns the age of the oldest message. Between CloudWatch's points it is carried forward by the clock, and marked as an
 * estimate: it is then never less than the true age. Undefined when the queue is empty, and when CloudWatch holds no point,
 * which happens on idle queues.
 */
export function ageOf(
  { age }: QueuePoints,
  counts: QueueCounts | undefined,
  now: Instant,
  period: number,
): OldestAge | undefined {
  const newest = age?.points.age[0];
  if (!newest || (counts && counts.visible + counts.inFlight === 0)) return undefined;
  const since = now - (newest.at + period);
  return since > 0
    ? { seconds: Math.round(newest.value + since / 1_000), estimated: true }
    : { seconds: newest.value, estimated: false };
}

/**
 * Returns messages per second over the newest period that was complete when the rates were read; undefined without points. A
 * period without a point counts 0, since SQS publishes none while a queue is idle. Deletions that were read later stand beside.
 */
export function ratesOf({ rates, deleted }: QueuePoints, period: number): QueueRates | undefined {
  if (!rates) return undefined;
  const { at, points } = rates;
  const [sent, received, gone] = [points.sent, points.received, points.deleted].map((p) => newestSum(p, at, period));
  const until = Math.max(sent?.until ?? 0, received?.until ?? 0, gone?.until ?? 0);
  if (until === 0) return undefined;
  const later = deleted && deleted.at > at ? latest(deleted.points.deleted, deleted.at, period, until) : [];
  return {
    sent: sent?.perSecond ?? 0,
    received: received?.perSecond ?? 0,
    deleted: gone?.perSecond ?? 0,
    until,
    period: spanOf(period) / 1_000,
    ...(later.length > 0 ? { later } : {}),
  };
}

const spanOf = (period: number): number => Math.max(period, LEAST_SUM_MS);

/** Returns the rate over the newest period that was complete at `now`, and its end; undefined without points. */
function newestSum(
  points: readonly Point[],
  now: Instant,
  period: number,
): { perSecond: number; until: Instant } | undefined {
  const newest = points.find(({ at }) => at + period <= now);
  if (!newest) return undefined;
  const until = newest.at + period;
  return { perSecond: perSecond(points, until, period), until };
}

function perSecond(points: readonly Point[], until: Instant, period: number): number {
  const span = spanOf(period);
  const inside = points.filter(({ at }) => at + period <= until && at + period > until - span);
  return Number((inside.reduce((total, { value }) => total + value, 0) / (span / 1_000)).toFixed(3));
}

/** Returns the deletions of the newest periods that were complete at `now` and ended after `since`, oldest first. */
function latest(points: readonly Point[], now: Instant, period: number, since: Instant): MinuteDeleted[] {
  const newest = newestSum(points, now, period);
  if (!newest) return [];
  return Array.from({ length: TOLD }, (_, i) => newest.until - (TOLD - 1 - i) * spanOf(period))
    .filter((until) => until > since)
    .map((until) => ({ until, deleted: perSecond(points, until, period) }));
}
