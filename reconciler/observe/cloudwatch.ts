import { type MetricDataQuery, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import type { Instant, OldestAge, QueueCounts, QueueRates, Reading } from '../../policies/model/observation.ts';
import { metricPoints, type Point } from '../aws/border/cloudwatch.ts';
import type { Clients } from '../aws/clients.ts';
import { namedError } from '../aws/errors.ts';
import { allPages } from '../aws/pages.ts';
import { batcher } from './batch.ts';
import { OptionalRead } from './optional-read.ts';

/** How many periods back to look: SQS's points may come some minutes late. */
const LOOK_BACK_PERIODS = 10;
/** Sums of shorter periods than this are noise; so many of them are taken together. */
const LEAST_SUM_MS = 10_000;
/** GetMetricData: at most 500 queries in a call. */
const QUERIES_PER_CALL = 500;

const METRICS = {
  age: ['ApproximateAgeOfOldestMessage', 'Maximum'],
  sent: ['NumberOfMessagesSent', 'Sum'],
  received: ['NumberOfMessagesReceived', 'Sum'],
  deleted: ['NumberOfMessagesDeleted', 'Sum'],
} as const;
type MetricName = keyof typeof METRICS;
const NAMES = ['age', 'sent', 'received', 'deleted'] as const satisfies readonly MetricName[];

/** The points of the metrics of a queue, newest first. */
export type QueuePoints = Record<MetricName, Point[]>;

export interface MetricReaderOptions {
  now: () => Instant;
  /** Least milliseconds between two reads of one queue. */
  interval: number;
  /** Milliseconds between two points: 60,000 on AWS; 1,000 on the embedded one. */
  period: number;
}

/**
 * Reads `AWS/SQS` metrics of queues, in batches across queues. AWS bills each metric that is asked for and not the points
 * that it holds, so one read takes all points of the minutes since the one before.
 */
export class MetricReader {
  readonly #points: OptionalRead<QueuePoints>;
  readonly #interval: number;
  readonly #load: (queueName: string) => Promise<QueuePoints>;

  constructor({ cloudwatch }: Clients, { now, interval, period }: MetricReaderOptions) {
    this.#interval = interval;
    this.#points = new OptionalRead({ action: 'cloudwatch:GetMetricData', now });
    const lookBack = LOOK_BACK_PERIODS * Math.max(period, LEAST_SUM_MS / 2);
    this.#load = batcher(Math.floor(QUERIES_PER_CALL / NAMES.length), async (queues: readonly string[]) => {
      const end = now();
      const queries = queues.flatMap((queue, i) => NAMES.map((name) => query(`${name}_${i}`, name, queue, period)));
      const input = {
        StartTime: new Date(end - lookBack),
        EndTime: new Date(end),
        ScanBy: 'TimestampDescending' as const,
        MetricDataQueries: queries,
      };
      const pages = await allPages('cloudwatch:GetMetricData', paginateGetMetricData({ client: cloudwatch }, input));
      const found = metricPoints(
        pages,
        queries.map(({ Id }) => Id),
      );
      return queues.map(
        (_queue, i) => Object.fromEntries(NAMES.map((name) => [name, found.get(`${name}_${i}`) ?? []])) as QueuePoints,
      );
    });
  }

  /** Returns the points of a queue within `limit` milliseconds. They are read anew when the interval is over. */
  points(queueName: string, limit: number): Promise<Reading<QueuePoints>> {
    return this.#points.get(queueName, limit, this.#interval, async () => {
      if (queueName === '') throw namedError('ValidationError', 'the queue has no name');
      return this.#load(queueName);
    });
  }
}

function query(Id: string, name: MetricName, queueName: string, period: number): MetricDataQuery & { Id: string } {
  const [MetricName, Stat] = METRICS[name];
  const Dimensions = [{ Name: 'QueueName', Value: queueName }];
  const Metric = { Namespace: 'AWS/SQS', MetricName, Dimensions };
  return { Id, MetricStat: { Metric, Period: period / 1_000, Stat }, ReturnData: true };
}

/**
 * Returns the age of the oldest message. Between CloudWatch's points it is carried forward by the clock, and marked as an
 * estimate. Undefined when the queue is empty, and when CloudWatch holds no point, which happens on idle queues.
 */
export function ageOf(
  { age: [newest] }: Pick<QueuePoints, 'age'>,
  counts: QueueCounts | undefined,
  now: Instant,
  period: number,
): OldestAge | undefined {
  if (!newest || (counts && counts.visible + counts.inFlight === 0)) return undefined;
  const since = now - (newest.at + period);
  return since > 0
    ? { seconds: Math.round(newest.value + since / 1_000), estimated: true }
    : { seconds: newest.value, estimated: false };
}

/**
 * Returns messages per second over the newest period that is complete; undefined without points. A period without a
 * point counts 0, since SQS publishes none while a queue is idle.
 */
export function ratesOf(points: Omit<QueuePoints, 'age'>, now: Instant, period: number): QueueRates | undefined {
  const span = Math.max(period, LEAST_SUM_MS);
  let until = 0;
  const perSecond = (some: readonly Point[]): number | undefined => {
    const complete = some.filter(({ at }) => at + period <= now);
    const latest = complete[0]?.at;
    if (latest === undefined) return undefined;
    until = Math.max(until, latest + period);
    const sum = complete.filter(({ at }) => at > latest - span).reduce((total, { value }) => total + value, 0);
    return Number((sum / (span / 1_000)).toFixed(3));
  };
  const [sent, received, deleted] = [points.sent, points.received, points.deleted].map(perSecond);
  if (sent === undefined && received === undefined && deleted === undefined) return undefined;
  return { sent: sent ?? 0, received: received ?? 0, deleted: deleted ?? 0, until, period: span / 1_000 };
}
