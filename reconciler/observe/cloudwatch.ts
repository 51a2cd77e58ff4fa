import { type MetricDataQuery, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import type { Instant, OldestAge, QueueCounts, QueueRates } from '../../policies/model/observation.ts';
import type { Clients } from '../aws/clients.ts';
import { namedError } from '../aws/errors.ts';
import { allPages } from '../aws/pages.ts';
import { batcher } from './batch.ts';

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

/** The points of each metric, newest first: values with the start of their period. */
type Points = Partial<Record<MetricName, { at: Instant; value: number }[]>>;

export interface MetricReaderOptions {
  now: () => Instant;
  /** Least milliseconds between two reads for one queue. */
  interval: number;
  /** Milliseconds between two points: 60,000 on AWS; 1,000 on the embedded one. */
  period: number;
  metrics: readonly MetricName[];
}

/**
 * Reads `AWS/SQS` metrics, at most once in `interval` for each queue, in batches across queues: each metric asked for
 * is paid for. Between points the age is carried forward by the clock, and marked as an estimate.
 */
export class MetricReader {
  readonly #now: () => Instant;
  readonly #interval: number;
  readonly #period: number;
  readonly #load: (queueName: string) => Promise<Points>;
  readonly #kept = new Map<string, { at: Instant; points: Promise<Points> }>();

  constructor({ cloudwatch }: Clients, { now, interval, period, metrics }: MetricReaderOptions) {
    this.#now = now;
    this.#interval = interval;
    this.#period = period;
    const lookBack = LOOK_BACK_PERIODS * Math.max(period, LEAST_SUM_MS / 2);
    this.#load = batcher(
      Math.floor(QUERIES_PER_CALL / Math.max(1, metrics.length)),
      async (queues: readonly string[]) => {
        const end = now();
        const found: Points[] = queues.map(() => ({}));
        const input = {
          StartTime: new Date(end - lookBack),
          EndTime: new Date(end),
          ScanBy: 'TimestampDescending' as const,
          MetricDataQueries: queues.flatMap((name, i) =>
            metrics.map((metric) => query(`${metric}_${i}`, metric, name, period / 1_000)),
          ),
        };
        const pages = await allPages('cloudwatch:GetMetricData', paginateGetMetricData({ client: cloudwatch }, input));
        for (const { Id, Timestamps, Values } of pages.flatMap(({ MetricDataResults = [] }) => MetricDataResults)) {
          const [metric, index] = (Id ?? '').split('_') as [MetricName, string];
          const points = found[Number(index)];
          if (!points) continue;
          points[metric] ??= [];
          for (const [j, at] of (Timestamps ?? []).entries())
            points[metric].push({ at: at.getTime(), value: Values?.[j] ?? 0 });
        }
        return found;
      },
    );
  }

  /** Age of the oldest message; undefined when CloudWatch holds no point, which happens on idle queues. */
  async age(queueName: string, counts: QueueCounts | undefined): Promise<OldestAge | undefined> {
    const newest = (await this.#points(queueName)).age?.[0];
    if (!newest) return undefined;
    if (counts && counts.visible + counts.inFlight === 0) return undefined;
    const since = this.#now() - (newest.at + this.#period);
    return since > 0
      ? { seconds: Math.round(newest.value + since / 1_000), estimated: true }
      : { seconds: newest.value, estimated: false };
  }

  /** Messages per second over the newest complete period; undefined without points. */
  async rates(queueName: string): Promise<QueueRates | undefined> {
    const { sent, received, deleted } = await this.#points(queueName);
    const now = this.#now();
    const span = Math.max(this.#period, LEAST_SUM_MS);
    let until = 0;
    const perSecond = (points: { at: Instant; value: number }[] | undefined): number | undefined => {
      const complete = (points ?? []).filter(({ at }) => at + this.#period <= now);
      const latest = complete[0]?.at;
      if (latest === undefined) return undefined;
      until = Math.max(until, latest + this.#period);
      const sum = complete.filter(({ at }) => at > latest - span).reduce((total, { value }) => total + value, 0);
      return Number((sum / (span / 1_000)).toFixed(3));
    };
    const rates = [sent, received, deleted].map(perSecond);
    if (rates.every((rate) => rate === undefined)) return undefined;
    return { sent: rates[0] ?? 0, received: rates[1] ?? 0, deleted: rates[2] ?? 0, until, period: span / 1_000 };
  }

  #points(queueName: string): Promise<Points> {
    if (queueName === '') return Promise.reject(namedError('ValidationError', 'the queue has no name'));
    const now = this.#now();
    const kept = this.#kept.get(queueName);
    if (kept && now - kept.at < this.#interval) return kept.points;
    const points = this.#load(queueName);
    this.#kept.set(queueName, { at: now, points });
    points.catch(() => {});
    return points;
  }
}

function query(Id: string, metric: MetricName, queueName: string, Period: number): MetricDataQuery {
  const [MetricName, Stat] = METRICS[metric];
  const Dimensions = [{ Name: 'QueueName', Value: queueName }];
  return {
    Id,
    MetricStat: { Metric: { Namespace: 'AWS/SQS', MetricName, Dimensions }, Period, Stat },
    ReturnData: true,
  };
}
