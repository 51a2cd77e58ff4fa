import { Observable } from 'rxjs';
import type { Instant, Observation } from '../policies/model/observation.ts';
import { scalingReadings } from '../policies/scaling/strategies/index.ts';
import { perform } from './act/perform.ts';
import type { Clients } from './aws/clients.ts';
import type { World } from './loop/world.ts';
import { AlarmReader } from './observe/alarms.ts';
import { ChaosReader } from './observe/chaos.ts';
import { MetricReader } from './observe/cloudwatch.ts';
import { ServiceReader } from './observe/ecs.ts';
import { FailedStartReader } from './observe/failed-starts.ts';
import { ProtectionReader } from './observe/protection.ts';
import { QueuesReader } from './observe/queues.ts';
import { read } from './observe/reading.ts';
import { readPast, SeasonReader } from './observe/season.ts';
import { QueueReader } from './observe/sqs.ts';
import { TaskReader } from './observe/tasks.ts';
import { lastLinesIn } from './task-logs.ts';

export interface AwsWorldOptions {
  now?: () => Instant;
  /** Least milliseconds between two reads of CloudWatch metrics of one queue; 0 switches them off. */
  metricsInterval: number;
  /** Milliseconds between two points of a metric; AWS publishes SQS's each minute. */
  metricsPeriod?: number;
  /** Milliseconds between two counts of one service's tasks; 0 switches them off. */
  tasksInterval: number;
  /** Folder with the logs of tasks that run on this machine. */
  taskLogs?: string | undefined;
}

/** Longest that a tick waits for what it can do without, in milliseconds; never more than half its interval. */
const LONGEST_OPTIONAL_MS = 2_000;

/** Returns the world as AWS shows it; the embedded AWS is reached through the same calls. */
export function awsWorld(aws: Clients, options: AwsWorldOptions): World {
  const { now = Date.now, metricsInterval, metricsPeriod = 60_000, tasksInterval, taskLogs } = options;
  const queues = new QueueReader(aws);
  const services = new ServiceReader(aws);
  const tasks = new TaskReader(aws, now, tasksInterval);
  const protections = new ProtectionReader(aws, now, 2 * tasksInterval);
  const starts = new FailedStartReader(
    aws,
    now,
    tasksInterval,
    taskLogs === undefined ? undefined : lastLinesIn(taskLogs),
  );
  const chaos = new ChaosReader(aws, now, queues, tasks);
  const metrics = new MetricReader(aws, { now, interval: metricsInterval, period: metricsPeriod });
  const alarms = new AlarmReader(aws, now);
  const seasons = new SeasonReader(readPast(aws), now);
  const several = new QueuesReader({
    now,
    queues,
    metrics: metricsInterval > 0 ? metrics : undefined,
    seasons,
    period: metricsPeriod,
  });

  return {
    observe: ({ spec }, requiredReadings = {}) =>
      abortable(async (signal): Promise<Observation> => {
        const limit = Math.min(LONGEST_OPTIONAL_MS, spec.interval / 2);
        const needed = scalingReadings(spec.scaling.strategies);
        const counting = several.counts(spec.queues, signal);
        const describing = read('ecs:DescribeServices', now, () => services.state(spec.service));
        const failing = async () => {
          const service = tasksInterval > 0 ? await describing : undefined;
          return service?.ok ? starts.failed(spec.service, service.value, limit / 2) : undefined;
        };
        // Only busy workers protect themselves: without messages in flight there is nothing to learn.
        const protection = async () => {
          if (!needed.protection || tasksInterval <= 0) return undefined;
          const each = await counting;
          if (!each.some((queue) => queue.ok && queue.value.inFlight > 0)) return undefined;
          return protections.counts(spec.service, tasks.ranLast(spec.service), limit / 2);
        };
        const experiment = Object.keys(requiredReadings).length > 0;
        const measured = async () => several.points(spec, await counting, { experiment, limit });
        const brake = spec.scaling.scaleUp.pauseWhile;
        const [counts, service, counted, points, usual, guarded, failed, braking, readings] = await Promise.all([
          counting,
          describing,
          tasksInterval > 0 ? tasks.counts(spec.service, limit) : undefined,
          measured(),
          needed.usual ? several.usual(spec.queues) : undefined,
          protection(),
          failing(),
          brake ? alarms.reports(brake.alarms, limit) : undefined,
          chaos.readings(spec, requiredReadings, limit),
        ]);
        const at = now();
        return {
          at,
          ...several.parts(spec.queues, counts, points, at),
          service,
          ...(counted ? { tasks: counted } : {}),
          ...(usual ? { usual } : {}),
          ...(guarded ? { protection: guarded } : {}),
          ...(failed ? { failedStarts: failed } : {}),
          ...(braking ? { alarms: braking } : {}),
          ...(readings ? { chaos: readings } : {}),
        };
      }),
    act: (action, policy, evidenceAt) =>
      abortable((signal) => perform(aws, action, { policy, now, evidenceAt, signal })),
  };
}

/** Returns an observable of the promise. Unsubscribing aborts the calls under way. */
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
