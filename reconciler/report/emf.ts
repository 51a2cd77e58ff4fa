import type { Logger } from 'pino';
import type { Instant } from '../../policies/model/observation.ts';
import type { TickRecord } from '../loop/tick.ts';
import { deletedBy, type Report, type Reporter } from './reporter.ts';

const INTERVAL_MS = 60_000;

/**
 * Logs CloudWatch's embedded metric format: CloudWatch Logs makes metrics of these lines, without an API call or a
 * permission. There is one line for each policy and minute, since a metric is billed by the month and not by the point.
 */
export class Emf implements Reporter {
  readonly name = 'emf';
  readonly keeps = 'the embedded metrics';
  readonly #log: Logger;
  readonly #namespace: string;
  readonly #last = new Map<string, Instant>();

  constructor(log: Logger, namespace: string) {
    this.#log = log;
    this.#namespace = namespace;
  }

  report(report: Report): void {
    const { event } = report;
    if (event.kind === 'tick') this.#tick(event);
    const deleted = deletedBy(report);
    if (deleted !== undefined) this.#last.delete(deleted);
  }

  #tick(record: TickRecord): void {
    const { policy, at } = record.decision;
    if (at - (this.#last.get(policy) ?? Number.NEGATIVE_INFINITY) < INTERVAL_MS) return;
    this.#last.set(policy, at);
    this.#log.info(emfLine(this.#namespace, record), 'metrics');
    for (const line of queueLines(this.#namespace, record)) this.#log.info(line, 'metrics');
  }
}

/** Returns the members of one line of embedded metrics. */
export function emfLine(namespace: string, { decision, after }: TickRecord) {
  const { policy, at, observation } = decision;
  const service = observation.service.ok ? observation.service.value : undefined;
  const queue = observation.queue.ok ? observation.queue.value : undefined;
  const values: Record<string, number | undefined> = {
    DesiredWorkers: service?.desired,
    RunningWorkers: service?.running,
    VisibleMessages: queue?.visible,
    InFlightMessages: queue?.inFlight,
    FailedTicks: after.failedTicks,
    FiringAlerts: decision.alerts.filter((a) => a.firing).length,
  };
  const known = Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined);
  const Metrics = known.map(([Name]) => ({ Name, Unit: 'Count' }));
  return {
    _aws: { Timestamp: at, CloudWatchMetrics: [{ Namespace: namespace, Dimensions: [['Policy']], Metrics }] },
    Policy: policy,
    ...Object.fromEntries(known),
  };
}

/** Returns a line of embedded metrics for each queue of a policy with several, with the queue as a second dimension. */
export function queueLines(namespace: string, { decision: { policy, at, observation } }: TickRecord) {
  return (observation.queues ?? []).flatMap(({ name, counts }) => {
    if (!counts.ok) return [];
    const values = { VisibleMessages: counts.value.visible, InFlightMessages: counts.value.inFlight };
    const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: 'Count' }));
    const CloudWatchMetrics = [{ Namespace: namespace, Dimensions: [['Policy', 'Queue']], Metrics }];
    return [{ _aws: { Timestamp: at, CloudWatchMetrics }, Policy: policy, Queue: name, ...values }];
  });
}
