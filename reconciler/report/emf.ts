import type { Instant } from '../../policies/model/observation.ts';
import type { TickRecord } from '../loop/tick.ts';

const INTERVAL_MS = 60_000;

/**
 * CloudWatch's embedded metric format, as members of a log line: CloudWatch Logs makes metrics of it, which needs no
 * API call and no grant. One line a policy and minute, since each metric is billed by the month and not by the point.
 */
export class Emf {
  readonly #namespace: string;
  readonly #told = new Map<string, Instant>();

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** The members of the line that is due now, or undefined. */
  line({ decision, after }: TickRecord): object | undefined {
    const { policy, at, observation } = decision;
    if (at - (this.#told.get(policy) ?? Number.NEGATIVE_INFINITY) < INTERVAL_MS) return undefined;
    this.#told.set(policy, at);
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
      _aws: { Timestamp: at, CloudWatchMetrics: [{ Namespace: this.#namespace, Dimensions: [['Policy']], Metrics }] },
      Policy: policy,
      ...Object.fromEntries(known),
    };
  }
}
