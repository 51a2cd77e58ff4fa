import { type MetricDataQuery, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import type { Instant, Reading } from '../../policies/model/observation.ts';
import { metricPoints, type Point } from '../aws/border/cloudwatch.ts';
import type { Clients } from '../aws/clients.ts';
import { namedError } from '../aws/errors.ts';
import { allPages } from '../aws/pages.ts';
import { batcher } from './batch.ts';
import { type MetricPace, type MetricPart, YOUNG } from './metrics-pace.ts';
import { OptionalRead } from './optional-read.ts';
import { mapReading } from './reading.ts';

/** How many periods back to look: SQS's points may come some minutes late. */
const LOOK_BACK_PERIODS = 10;
/** Sums of shorter periods than this are noise; so many of them are taken together. */
export const LEAST_SUM_MS = 10_000;
/** GetMetricData: at most 500 queries in a call. */
const QUERIES_PER_CALL = 500;

const METRICS = {
  age: ['ApproximateAgeOfOldestMessage', 'Maximum'],
  sent: ['NumberOfMessagesSent', 'Sum'],
  received: ['NumberOfMessagesReceived', 'Sum'],
  deleted: ['NumberOfMessagesDeleted', 'Sum'],
  groups: ['ApproximateNumberOfGroupsWithInflightMessages', 'Maximum'],
} as const;
type MetricName = keyof typeof METRICS;

/** The metrics that belong to each part. */
const PARTS = {
  age: ['age'],
  rates: ['sent', 'received', 'deleted'],
  deleted: ['deleted'],
  groups: ['groups'],
} as const satisfies Record<MetricPart, readonly MetricName[]>;

/** The points of some metrics, newest first, and when they were read. */
interface PartPoints<Name extends MetricName> {
  at: Instant;
  points: Record<Name, Point[]>;
}

/** The points of a queue's metrics, each part as old as its own last read. */
export type QueuePoints = { [Part in MetricPart]?: PartPoints<(typeof PARTS)[Part][number]> | undefined };

export interface MetricReaderOptions {
  now: () => Instant;
  /** Least milliseconds between two reads of one queue. */
  interval: number;
  /** Milliseconds between two points: 60,000 on AWS; 1,000 on the embedded one. */
  period: number;
}

/**
 * Reads `AWS/SQS` metrics of queues, in batches across queues. AWS bills each metric that is asked for and not the points
 * that it holds, so each part is read at the pace that its user needs, with all points of the minutes since the read before.
 */
export class MetricReader {
  readonly #reads: OptionalRead<void>;
  readonly #options: MetricReaderOptions;
  readonly #known = new Map<string, QueuePoints>();
  readonly #since = new Map<string, Instant>();
  readonly #load: (metric: { queue: string; name: MetricName }) => Promise<Point[]>;

  constructor({ cloudwatch }: Clients, options: MetricReaderOptions) {
    const { now, period } = options;
    this.#options = options;
    this.#reads = new OptionalRead({ action: 'cloudwatch:GetMetricData', now });
    const lookBack = LOOK_BACK_PERIODS * Math.max(period, LEAST_SUM_MS / 2);
    this.#load = batcher(QUERIES_PER_CALL, async (metrics: readonly { queue: string; name: MetricName }[]) => {
      const end = now();
      const queries = metrics.map(({ queue, name }, i) => query(`${name}_${i}`, name, queue, period));
      const input = {
        StartTime: new Date(end - lookBack),
        EndTime: new Date(end),
        ScanBy: 'TimestampDescending' as const,
        MetricDataQueries: queries,
      };
      const pages = await allPages('cloudwatch:GetMetricData', paginateGetMetricData({ client: cloudwatch }, input));
      const ids = queries.map(({ Id }) => Id);
      const found = metricPoints(pages, ids);
      return ids.map((id) => found.get(id) ?? []);
    });
  }

  /** Returns the points of a queue that are known now. */
  known(queueName: string): QueuePoints {
    return this.#known.get(queueName) ?? {};
  }

  /** Returns true for the first periods after a queue's first read. */
  young(queueName: string): boolean {
    const { now, period } = this.#options;
    return now() - (this.#since.get(queueName) ?? now()) < YOUNG * period;
  }

  /** Returns the points of a queue within `limit` milliseconds. Parts whose time has come are read anew. */
  async points(queueName: string, limit: number, pace: MetricPace): Promise<Reading<QueuePoints>> {
    const { interval } = this.#options;
    // An age from before the queue was empty says nothing of the messages that come next.
    if (pace.age === undefined) this.#known.set(queueName, { ...this.known(queueName), age: undefined });
    // So is it with groups that no message waits for.
    if (pace.groups === undefined) this.#known.set(queueName, { ...this.known(queueName), groups: undefined });
    const due = this.#due(queueName, pace);
    const wait = due.length > 0 ? interval : Number.POSITIVE_INFINITY;
    const reading = await this.#reads.get(queueName, limit, wait, () => this.#read(queueName, due));
    return mapReading(reading, () => this.known(queueName));
  }

  #due(queueName: string, pace: MetricPace): MetricPart[] {
    const { now, interval, period } = this.#options;
    const known = this.known(queueName);
    const isDue = (part: MetricPart): boolean => {
      const periods = pace[part];
      return periods !== undefined && now() - (known[part]?.at ?? 0) >= Math.max(interval, periods * period);
    };
    return (['age', 'rates', 'deleted', 'groups'] as const).filter(isDue);
  }

  async #read(queue: string, due: readonly MetricPart[]): Promise<void> {
    if (queue === '') throw namedError('ValidationError', 'the queue has no name');
    const at = this.#options.now();
    const names = new Set<MetricName>(due.flatMap((part) => PARTS[part]));
    const found = new Map(
      await Promise.all([...names].map(async (name) => [name, await this.#load({ queue, name })] as const)),
    );
    const points = (name: MetricName): Point[] => found.get(name) ?? [];
    const fresh: QueuePoints = {
      ...(found.has('age') ? { age: { at, points: { age: points('age') } } } : {}),
      ...(found.has('sent')
        ? { rates: { at, points: { sent: points('sent'), received: points('received'), deleted: points('deleted') } } }
        : {}),
      ...(found.has('deleted') ? { deleted: { at, points: { deleted: points('deleted') } } } : {}),
      ...(found.has('groups') ? { groups: { at, points: { groups: points('groups') } } } : {}),
    };
    if (!this.#since.has(queue)) this.#since.set(queue, at);
    this.#known.set(queue, { ...this.known(queue), ...fresh });
  }
}

function query(Id: string, name: MetricName, queueName: string, period: number): MetricDataQuery & { Id: string } {
  const [MetricName, Stat] = METRICS[name];
  const Dimensions = [{ Name: 'QueueName', Value: queueName }];
  const Metric = { Namespace: 'AWS/SQS', MetricName, Dimensions };
  return { Id, MetricStat: { Metric, Period: period / 1_000, Stat }, ReturnData: true };
}
