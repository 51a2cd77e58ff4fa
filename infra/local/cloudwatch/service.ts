/** Answers the actions of CloudWatch. The state folder keeps alarms; metrics live in memory only. */
import type { LocalContext, LocalService } from '../context.ts';
import type { ServiceMetrics } from '../ecs/index.ts';
import type { Input, Persistent } from '../service.ts';
import { Alarms } from './alarms.ts';
import { getMetricData } from './get-data.ts';
import { getMetricStatistics, listMetrics } from './get-statistics.ts';
import { Publisher } from './publish.ts';
import { readPut } from './put.ts';
import { MetricStore } from './store.ts';

export interface CloudWatchOptions {
  /** The source of the metrics of services. Without it, only those of queues are published. */
  ecs?: { metrics(): ServiceMetrics[] };
  /**
   * Milliseconds between the points that AWS would publish. Default 60,000, as on AWS; 1,000 where time is compressed.
   */
  publishPeriodMs?: number;
}

export class CloudWatch implements LocalService {
  readonly name = 'cloudwatch';
  readonly targetPrefix = 'GraniteServiceVersion20100801.';
  readonly jsonVersion = '1.0';
  readonly queryCompatible = true;
  readonly actions: readonly string[];
  readonly persistent: Persistent;
  readonly #context: LocalContext;
  readonly #store = new MetricStore();
  readonly #alarms: Alarms;
  readonly #publisher: Publisher;

  constructor(context: LocalContext, options: CloudWatchOptions = {}) {
    this.#context = context;
    const { clock, region, accountId, sqs } = context;
    const onProblem = context.onProblem.bind(context);
    const periodMs = options.publishPeriodMs ?? 60_000;
    this.#alarms = new Alarms({
      clock,
      region,
      accountId,
      onProblem,
      find: (metric) => this.#store.find(metric),
      evaluateEveryMs: Math.min(60_000, Math.max(1_000, periodMs)),
    });
    this.persistent = this.#alarms;
    this.#publisher = new Publisher({
      clock,
      sqs,
      ecs: options.ecs,
      periodMs,
      onProblem,
      store: ({ metric, sample }, now) => this.#store.add(metric, [sample], now),
    });
    this.actions = Object.keys(this.#handlers).sort();
  }

  handle(action: string, input: Input): object {
    const handler = this.#handlers[action];
    if (!handler) throw new Error(`no handler for ${action}`);
    return handler(input);
  }

  start(): void {
    this.#publisher.start();
  }

  close(): void {
    this.#publisher.close();
    this.#alarms.close();
  }

  /** Publishes one more round now. */
  publish(): Promise<void> {
    return this.#publisher.publish();
  }

  /** Puts points into any namespace, `AWS/` included, as only AWS itself may. For tests and demonstrations. */
  seed(input: Input): void {
    this.#put(input, true);
  }

  #put(input: Input, trusted: boolean): void {
    const now = this.#context.clock.now();
    for (const { metric, sample } of readPut(input, now, trusted)) this.#store.add(metric, [sample], now);
  }

  readonly #handlers: Record<string, (input: Input) => object> = {
    PutMetricData: (input) => {
      this.#put(input, false);
      return {};
    },
    GetMetricData: (input) => getMetricData(input, (metric) => this.#store.find(metric)),
    GetMetricStatistics: (input) => getMetricStatistics(input, (metric) => this.#store.find(metric)),
    ListMetrics: (input) => listMetrics(input, this.#store, this.#context.clock.now()),
    PutMetricAlarm: (input) => {
      this.#alarms.put(input);
      return {};
    },
    DescribeAlarms: (input) => this.#alarms.describe(input),
    DeleteAlarms: (input) => {
      this.#alarms.delete(input);
      return {};
    },
    SetAlarmState: (input) => {
      this.#alarms.setState(input);
      return {};
    },
    DescribeAlarmHistory: (input) => this.#alarms.history(input),
    EnableAlarmActions: (input) => {
      this.#alarms.setActions(input, true);
      return {};
    },
    DisableAlarmActions: (input) => {
      this.#alarms.setActions(input, false);
      return {};
    },
  };
}

/** Makes CloudWatch for `startLocalAws`. It publishes nothing before `start`. */
export const createCloudWatch = (context: LocalContext, options: CloudWatchOptions = {}): CloudWatch =>
  new CloudWatch(context, options);
