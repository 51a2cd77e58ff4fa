/**
 * Publishes the metrics that AWS publishes by itself once a minute: `AWS/SQS` for each queue, `AWS/ECS` and
 * `ECS/ContainerInsights` for each service. It turns running totals into differences and takes gauges as they are.
 */
import type { Clock } from '../clock.ts';
import type { QueueMetrics, QueueMetricsSource } from '../context.ts';
import type { ServiceMetrics } from '../ecs/index.ts';
import { type Usage, usageOf } from '../ecs/usage.ts';
import type { MetricName } from './metric.ts';
import type { Sample } from './series.ts';

export interface Point {
  metric: MetricName;
  sample: Sample;
}

export interface PublisherContext {
  clock: Clock;
  sqs: QueueMetricsSource;
  ecs: { metrics(): ServiceMetrics[] } | undefined;
  /** Milliseconds. */
  periodMs: number;
  store(point: Point, now: number): void;
  /** Returns CPU time and memory by process group. Tests give their own. */
  usage?: (groups: readonly number[]) => Promise<Map<number, Usage>>;
  onProblem(message: string, error?: unknown): void;
}

const one = (value: number, unit: string, at: number): Sample => ({
  at,
  unit,
  count: 1,
  sum: value,
  min: value,
  max: value,
  values: new Map([[value, 1]]),
});

const TOTALS = {
  sent: 'NumberOfMessagesSent',
  received: 'NumberOfMessagesReceived',
  deleted: 'NumberOfMessagesDeleted',
  emptyReceives: 'NumberOfEmptyReceives',
} as const;

type Totals = Pick<QueueMetrics, keyof typeof TOTALS | 'sentBytes'>;

export class Publisher {
  readonly #context: PublisherContext;
  #queues = new Map<string, Totals>();
  /** CPU seconds of process groups when last looked at. */
  #cpu = new Map<number, number>();
  #lastAt: number;
  #cancel: () => void = () => {};
  #closed = false;

  constructor(context: PublisherContext) {
    this.#context = context;
    this.#lastAt = context.clock.now();
  }

  start(): void {
    this.#cancel = this.#context.clock.after(this.#context.periodMs, () => {
      this.publish().catch((error) => this.#context.onProblem(`Metrics could not be published: ${error}`, error));
      if (!this.#closed) this.start();
    });
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  /** Publishes one round of points: queues at once, CPU and memory a moment later, after their measurement. */
  async publish(): Promise<void> {
    const { clock, sqs, ecs } = this.#context;
    const now = clock.now();
    const elapsed = Math.max(1, now - this.#lastAt) / 1000;
    this.#lastAt = now;
    const before = this.#queues;
    this.#queues = new Map();
    for (const queue of sqs.metrics()) {
      this.#publishQueue(queue, before.get(queue.queueName), now);
      this.#queues.set(queue.queueName, queue);
    }
    if (ecs) await this.#publishServices(ecs.metrics(), elapsed, now);
  }

  #put(namespace: string, dimensions: MetricName['dimensions'], name: string, sample: Sample): void {
    this.#context.store({ metric: { namespace, name, dimensions }, sample }, sample.at);
  }

  #publishQueue(queue: QueueMetrics, before: Totals | undefined, at: number): void {
    const dimensions = [{ Name: 'QueueName', Value: queue.queueName }];
    const put = (name: string, sample: Sample): void => this.#put('AWS/SQS', dimensions, name, sample);
    put('ApproximateNumberOfMessagesVisible', one(queue.visible, 'Count', at));
    put('ApproximateNumberOfMessagesNotVisible', one(queue.inFlight, 'Count', at));
    put('ApproximateNumberOfMessagesDelayed', one(queue.delayed, 'Count', at));
    if (queue.groupsInFlight !== undefined)
      put('ApproximateNumberOfGroupsWithInflightMessages', one(queue.groupsInFlight, 'Count', at));
    // No active message, no point: "no data" is not "age 0".
    if (queue.oldestAgeSeconds !== undefined)
      put('ApproximateAgeOfOldestMessage', one(Math.floor(queue.oldestAgeSeconds), 'Seconds', at));
    const growth = (key: keyof Totals): number => {
      const grown = queue[key] - (before?.[key] ?? 0);
      // A total that fell belongs to another queue of the same name.
      return grown >= 0 ? grown : queue[key];
    };
    for (const [key, name] of Object.entries(TOTALS)) put(name, one(growth(key as keyof Totals), 'Count', at));
    const sent = growth('sent');
    if (sent === 0) return;
    // Only their sum is known, so each message counts with the mean size.
    const size = growth('sentBytes') / sent;
    const values = new Map([[size, sent]]);
    put('SentMessageSize', { at, unit: 'Bytes', count: sent, sum: size * sent, min: size, max: size, values });
  }

  async #publishServices(services: readonly ServiceMetrics[], elapsed: number, at: number): Promise<void> {
    for (const service of services) {
      const dimensions = serviceDimensions(service);
      const put = (name: string, value: number): void =>
        this.#put('ECS/ContainerInsights', dimensions, name, one(value, 'Count', at));
      put('RunningTaskCount', service.running);
      put('PendingTaskCount', service.pending);
      put('DesiredTaskCount', service.desired);
      put('DeploymentCount', service.deployments);
    }
    const groups = services.flatMap((service) => service.pids);
    const usage = await (this.#context.usage ?? usageOf)(groups);
    const cpu = new Map([...usage].map(([group, { cpuSeconds }]) => [group, cpuSeconds]));
    for (const service of services) this.#publishUsage(service, usage, elapsed, at);
    this.#cpu = cpu;
  }

  /** Publishes CPU and memory in percent of the reservation of the task definition. Each task is one sample. */
  #publishUsage(service: ServiceMetrics, usage: Map<number, Usage>, elapsed: number, at: number): void {
    for (const group of service.pids) {
      const used = usage.get(group);
      if (!used) continue;
      const seconds = Math.max(0, used.cpuSeconds - (this.#cpu.get(group) ?? 0));
      const cores = service.cpuUnits / 1024;
      const dimensions = serviceDimensions(service);
      const put = (name: string, percent: number): void =>
        this.#put('AWS/ECS', dimensions, name, one(percent, 'Percent', at));
      if (cores > 0) put('CPUUtilization', (100 * seconds) / elapsed / cores);
      if (service.memoryMiB > 0) put('MemoryUtilization', (100 * used.memoryBytes) / (service.memoryMiB * 2 ** 20));
    }
  }
}

const serviceDimensions = (service: ServiceMetrics): MetricName['dimensions'] => [
  { Name: 'ClusterName', Value: service.clusterName },
  { Name: 'ServiceName', Value: service.serviceName },
];
