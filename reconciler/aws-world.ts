import { Observable } from 'rxjs';
import type { Instant, Observation } from '../policies/model/observation.ts';
import { scalingReadings } from '../policies/scaling/strategies/index.ts';
import { perform } from './act/perform.ts';
import type { Clients } from './aws/clients.ts';
import type { World } from './loop/world.ts';
import { ChaosReader } from './observe/chaos.ts';
import { MetricReader } from './observe/cloudwatch.ts';
import { ServiceReader } from './observe/ecs.ts';
import { read } from './observe/reading.ts';
import { readPast, SeasonReader } from './observe/season.ts';
import { QueueReader, queueNameOf } from './observe/sqs.ts';
import { TaskReader } from './observe/tasks.ts';

export interface AwsWorldOptions {
  now?: () => Instant;
  /** Milliseconds between two reads of CloudWatch metrics of one queue; 0 switches them off. */
  metricsInterval: number;
  /** Milliseconds between two points of a metric; AWS publishes SQS's each minute. */
  metricsPeriod?: number;
  /** Milliseconds between two counts of one service's tasks; 0 switches them off. */
  tasksInterval: number;
}

/** The world as AWS shows it; the embedded AWS is reached through the same calls. */
export function awsWorld(aws: Clients, options: AwsWorldOptions): World {
  const { now = Date.now, metricsInterval, metricsPeriod = 60_000, tasksInterval } = options;
  const queues = new QueueReader(aws);
  const services = new ServiceReader(aws);
  const tasks = new TaskReader(aws, now, tasksInterval);
  const chaos = new ChaosReader(aws, now, queues, tasks);
  const metrics = new MetricReader(aws, {
    now,
    interval: metricsInterval,
    period: metricsPeriod,
    metrics: ['age', 'sent', 'received', 'deleted'],
  });

  const seasons = new SeasonReader(readPast(aws), now);

  return {
    observe: ({ spec }, requiredReadings = {}) =>
      abortable(async (signal): Promise<Observation> => {
        const name = queueNameOf(spec.queue);
        const [queue, service, counted, readings] = await Promise.all([
          read('sqs:GetQueueAttributes', now, () => queues.counts(spec.queue, signal)),
          read('ecs:DescribeServices', now, () => services.state(spec.service)),
          tasksInterval > 0 ? read('ecs:ListTasks', now, () => tasks.counts(spec.service)) : undefined,
          chaos.readings(spec, requiredReadings, signal),
        ]);
        const needed = scalingReadings(spec.scaling.strategies);
        const [age, rates, usual] =
          metricsInterval > 0
            ? await Promise.all([
                read('cloudwatch:GetMetricData', now, () => metrics.age(name, queue.ok ? queue.value : undefined)),
                read('cloudwatch:GetMetricData', now, () => metrics.rates(name)),
                needed.usual ? read('cloudwatch:GetMetricData', now, async () => seasons.usual(name)) : undefined,
              ])
            : [];
        return {
          at: now(),
          queue,
          service,
          ...(age ? { age } : {}),
          ...(rates ? { rates } : {}),
          ...(counted ? { tasks: counted } : {}),
          ...(usual ? { usual } : {}),
          ...(readings ? { chaos: readings } : {}),
        };
      }),
    act: (action, policy) => abortable((signal) => perform(aws, action, policy, signal)),
  };
}

/** A promise as an observable whose unsubscription aborts the calls under way. */
export function abortable<T>(start: (signal: AbortSignal) => Promise<T>): Observable<T> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    start(controller.signal).then(
      (value) => {
        subscriber.next(value);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => controller.abort();
  });
}
