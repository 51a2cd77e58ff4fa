import type { Logger } from 'pino';
import type { Instant } from '../../policies/model/observation.ts';
import type { CallListener } from '../aws/middleware.ts';
import { deletedBy, type Report, type Reporter } from './reporter.ts';

const INTERVAL_MS = 60_000;
/** A refused call counts for this long: whatever calls AWS tries again within it. */
const REFUSED_FOR_MS = 10 * 60_000;
const REFUSED = new Set(['AccessDenied', 'AccessDeniedException']);

interface PolicyState {
  failing: boolean;
  refused: boolean;
  alerts: number;
}

/**
 * Logs the metrics of the whole reconciler in CloudWatch's embedded metric format, once a minute. Each is a condition that
 * lasts, as a number that stays up while it holds, so that an alarm on it stays on as long.
 */
export class StackMetrics implements Reporter {
  readonly name = 'stack metrics';
  readonly keeps = 'the metrics that alarms watch';
  readonly #log: Logger;
  readonly #namespace: string;
  readonly #now: () => Instant;
  readonly #policies = new Map<string, PolicyState>();
  /** IAM actions that AWS refused, with the time of the last refusal. */
  readonly #refused = new Map<string, Instant>();
  #decisions = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor(log: Logger, namespace: string, now: () => Instant = Date.now) {
    this.#log = log;
    this.#namespace = namespace;
    this.#now = now;
  }

  /** Hears of each call to AWS. */
  readonly onCall: CallListener = ({ action, error }) => {
    if (error !== undefined && REFUSED.has(error)) this.#refused.set(action, this.#now());
  };

  report(report: Report): void {
    const { event } = report;
    const deleted = deletedBy(report);
    if (deleted !== undefined) this.#policies.delete(deleted);
    if (event.kind === 'spec' && event.change.kind === 'refused') this.#stateOf(event.change.name).refused = true;
    if (event.kind === 'spec' && event.change.kind === 'applied') this.#stateOf(event.change.name).refused = false;
    if (event.kind !== 'tick') return;
    this.#decisions += 1;
    const { policy, alerts } = event.decision;
    const state = this.#stateOf(policy);
    state.failing = event.after.failedTicks > 0;
    state.alerts = alerts.filter((alert) => alert.firing).length;
    this.#write();
  }

  #stateOf(policy: string): PolicyState {
    const known = this.#policies.get(policy) ?? { failing: false, refused: false, alerts: 0 };
    this.#policies.set(policy, known);
    return known;
  }

  #write(): void {
    const at = this.#now();
    if (at - this.#last < INTERVAL_MS) return;
    this.#last = at;
    for (const [action, since] of this.#refused) if (at - since > REFUSED_FOR_MS) this.#refused.delete(action);
    const states = [...this.#policies.values()];
    const values = {
      Decisions: this.#decisions,
      PoliciesUnread: states.filter((s) => s.failing).length,
      PoliciesRefused: states.filter((s) => s.refused).length,
      ActionsRefused: this.#refused.size,
      FiringAlerts: states.reduce((sum, s) => sum + s.alerts, 0),
    };
    this.#decisions = 0;
    const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: 'Count' }));
    const CloudWatchMetrics = [{ Namespace: this.#namespace, Dimensions: [[]], Metrics }];
    const refused = [...this.#refused.keys()];
    this.#log.info({ ...values, refused, _aws: { Timestamp: at, CloudWatchMetrics } }, 'stack metrics');
  }
}
