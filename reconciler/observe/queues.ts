/** Reads the queues of one policy: one for most, several for some, and then each with what is known of it. */
import pLimit from 'p-limit';
import type { PolicySpec } from '../../policies/document/schema.ts';
import { queueNameOf } from '../../policies/grammar/queue-name.ts';
import type { Instant, Observation, QueueCounts, QueueReading, Reading } from '../../policies/model/observation.ts';
import { areFifo } from '../../policies/scaling/groups.ts';
import { oldestAge, totalCounts, totalGroups, totalRates, totalUsual } from '../../policies/scaling/queues.ts';
import { ageAndRates, ageOf } from './age-and-rates.ts';
import type { MetricReader, QueuePoints } from './cloudwatch.ts';
import { groupsReading } from './groups.ts';
import { metricsPace } from './metrics-pace.ts';
import { read } from './reading.ts';
import type { SeasonReader } from './season.ts';
import type { QueueReader } from './sqs.ts';

type Queues = PolicySpec['queues'];
type QueueParts = Pick<Observation, 'queue' | 'queues' | 'age' | 'rates' | 'groups'>;

/** GetQueueAttributes has no batch; this many calls of one policy are under way at a time. */
const MOST_AT_ONCE = 8;

export interface QueuesReaderOptions {
  now: () => Instant;
  queues: QueueReader;
  /** Undefined when CloudWatch metrics are switched off. */
  metrics: MetricReader | undefined;
  seasons: SeasonReader;
  /** Milliseconds between two points of a metric. */
  period: number;
}

export class QueuesReader {
  readonly #options: QueuesReaderOptions;

  constructor(options: QueuesReaderOptions) {
    this.#options = options;
  }

  /** Returns the counts of each queue, in the policy's order. */
  counts(queues: Queues, signal: AbortSignal): Promise<Reading<QueueCounts>[]> {
    const { now, queues: reader } = this.#options;
    const limit = pLimit(MOST_AT_ONCE);
    const get = (queue: Queues[number]) => () =>
      read('sqs:GetQueueAttributes', now, () => reader.counts(queue, signal));
    return Promise.all(queues.map((queue) => limit(get(queue))));
  }

  /**
   * Returns the points of each queue's metrics within `limit` milliseconds, each at the pace that its own counts ask for;
   * undefined when metrics are switched off.
   */
  async points(
    spec: PolicySpec,
    counts: readonly Reading<QueueCounts>[],
    { experiment, limit }: { experiment: boolean; limit: number },
  ): Promise<Reading<QueuePoints>[] | undefined> {
    const { metrics, now, period } = this.#options;
    if (!metrics) return undefined;
    const each = spec.queues.map((queue, i) => {
      const name = queueNameOf(queue);
      const known = counts[i]?.ok ? counts[i].value : undefined;
      const age = ageOf(metrics.known(name), known, now(), period)?.seconds;
      const pace = metricsPace(spec, { counts: known, experiment, young: metrics.young(name), age });
      return metrics.points(name, limit, pace);
    });
    return Promise.all(each);
  }

  /** Returns the rate that is usual at this time of day, all queues together; undefined when metrics are switched off. */
  async usual(queues: Queues): Promise<Observation['usual']> {
    const { metrics, seasons, now } = this.#options;
    if (!metrics) return undefined;
    const each = queues.map((queue) =>
      read('cloudwatch:GetMetricData', now, async () => seasons.usual(queueNameOf(queue))),
    );
    return totalUsual(await Promise.all(each));
  }

  /** Returns the queues' part of an observation at the time `at`. */
  parts(
    queues: Queues,
    counts: readonly Reading<QueueCounts>[],
    points: readonly Reading<QueuePoints>[] | undefined,
    at: Instant,
  ): QueueParts {
    const fifo = areFifo(queues);
    const each = queues.map((queue, i) => this.#reading(queue, counts[i], points?.[i], at, fifo));
    const [only] = each;
    if (only && each.length === 1 && only.weight === undefined) {
      const { counts: queue, age, rates, groups } = only;
      return { queue, ...(age ? { age } : {}), ...(rates ? { rates } : {}), ...(groups ? { groups } : {}) };
    }
    const [age, rates, groups] = [oldestAge(each), totalRates(each), totalGroups(each)];
    return {
      queue: totalCounts(each),
      queues: each,
      ...(age ? { age } : {}),
      ...(rates ? { rates } : {}),
      ...(groups ? { groups } : {}),
    };
  }

  #reading(
    queue: Queues[number],
    counts: Reading<QueueCounts> | undefined,
    points: Reading<QueuePoints> | undefined,
    at: Instant,
    fifo: boolean,
  ): QueueReading {
    const { period } = this.#options;
    if (!counts) throw new Error('a queue without its reading (a defect of Sluice)');
    const known = counts.ok ? counts.value : undefined;
    return {
      name: queueNameOf(queue),
      ...(queue.weight === 1 ? {} : { weight: queue.weight }),
      counts,
      ...(points ? ageAndRates(points, known, at, period) : {}),
      ...(points && fifo ? { groups: groupsReading(points, known, at, period) } : {}),
    };
  }
}
