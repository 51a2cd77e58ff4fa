import {
  GetMetricDataCommand,
  type GetMetricDataCommandOutput,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import type { Instant, OldestAge, QueueCounts, QueueRates } from '../../policies/observation.ts';
import type { Aws } from '../aws/client.ts';
import { batcher } from './batch.ts';
import { namedError } from './reading.ts';

const PERIOD_S = 60;
/** How far back to look: SQS's points are a minute apart and may come some minutes late. */
const LOOK_BACK_MS = 10 * 60_000;
/** GetMetricData: at most 500 queries in a call. */
const QUERIES_PER_CALL = 500;

const METRICS = {
  age: ['ApproximateAgeOfOldestMessage', 'Maximum'],
  sent: ['NumberOfMessagesSent', 'Sum'],
  received: ['NumberOfMessagesReceived', 'Sum'],
  deleted: ['NumberOfMessagesDeleted', 'Sum'],
} as const;
type MetricName = keyof typeof METRICS;

/** The newest point of each metric: the value and the start of its minute. */
type Points = Partial<Record<MetricName, { at: Instant; value: number }>>;

/**
 * Reads `AWS/SQS` metrics, at most once in `interval` for each queue, in batches across queues: each metric asked for
 * is paid for. Between points the age is carried forward by the clock, and marked as an estimate.
 */
export class MetricReader {
  readonly #now: () => Instant;
  readonly #interval: number;
  readonly #load: (queueName: string) => Promise<Points>;
  readonly #kept = new Map<string, { at: Instant; points: Promise<Points> }>();

  constructor(aws: Aws, now: () => Instant, interval: number, metrics: readonly MetricName[]) {
    this.#now = now;
    this.#interval = interval;
    this.#load = batcher(
      Math.floor(QUERIES_PER_CALL / Math.max(1, metrics.length)),
      async (queues: readonly string[]) => {
        const end = now();
        const found: Points[] = queues.map(() => ({}));
        let NextToken: string | undefined;
        do {
          const page: GetMetricDataCommandOutput = await aws.call(
            'cloudwatch',
            'cloudwatch:GetMetricData',
            new GetMetricDataCommand({
              StartTime: new Date(end - LOOK_BACK_MS),
              EndTime: new Date(end),
              ScanBy: 'TimestampDescending',
              MetricDataQueries: queues.flatMap((name, i) =>
                metrics.map((metric) => query(`${metric}_${i}`, metric, name)),
              ),
              ...(NextToken ? { NextToken } : {}),
            }),
          );
          for (const { Id, Timestamps, Values } of page.MetricDataResults ?? []) {
            const [metric, index] = (Id ?? '').split('_') as [MetricName, string];
            const points = found[Number(index)];
            if (points && Timestamps?.[0] && Values?.[0] !== undefined && !points[metric])
              points[metric] = { at: Timestamps[0].getTime(), value: Values[0] };
          }
          NextToken = page.NextToken;
        } while (NextToken);
        return found;
      },
    );
  }

  /** Age of the oldest message; undefined when CloudWatch holds no point, which happens on idle queues. */
  async age(queueName: string, counts: QueueCounts | undefined): Promise<OldestAge | undefined> {
    const { age } = await this.#points(queueName);
    if (!age) return undefined;
    if (counts && counts.visible + counts.inFlight === 0) return undefined;
    const since = this.#now() - (age.at + PERIOD_S * 1_000);
    return since > 0
      ? { seconds: Math.round(age.value + since / 1_000), estimated: true }
      : { seconds: age.value, estimated: false };
  }

  /** Messages per second over the newest complete minute; undefined without points. */
  async rates(queueName: string): Promise<QueueRates | undefined> {
    const { sent, received, deleted } = await this.#points(queueName);
    if (!sent && !received && !deleted) return undefined;
    const perSecond = (point: { value: number } | undefined): number =>
      Number(((point?.value ?? 0) / PERIOD_S).toFixed(3));
    return { sent: perSecond(sent), received: perSecond(received), deleted: perSecond(deleted) };
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

function query(Id: string, metric: MetricName, queueName: string): MetricDataQuery {
  const [MetricName, Stat] = METRICS[metric];
  const Dimensions = [{ Name: 'QueueName', Value: queueName }];
  return {
    Id,
    MetricStat: { Metric: { Namespace: 'AWS/SQS', MetricName, Dimensions }, Period: PERIOD_S, Stat },
    ReturnData: true,
  };
}
