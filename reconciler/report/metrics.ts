import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { timeToDetect, timeToRecover } from '../../policies/chaos/run.ts';
import type { ChaosStep } from '../../policies/model/chaos.ts';
import type { AlertState, BudgetState } from '../../policies/model/decision.ts';
import type { Observation, QueueReading } from '../../policies/model/observation.ts';
import type { TickRecord } from '../loop/tick.ts';
import { PolicyGauge } from './policy-gauge.ts';
import { deletedBy, type Report, type Reporter } from './reporter.ts';
import { StandingMetrics } from './standing-metrics.ts';

/** The Prometheus metrics of this process, served at `/metrics`. */
export class Metrics implements Reporter {
  readonly name = 'metrics';
  readonly keeps = 'the metrics';
  readonly registry = new Registry();
  readonly #gauges: PolicyGauge[] = [];
  readonly #standing = new StandingMetrics(this.registry);

  readonly #workers = this.#gauge('sluice_workers', 'Workers of the service by state', 'state');
  readonly #messages = this.#gauge(
    'sluice_queue_messages',
    'Messages of the queue by state (approximate, as SQS counts)',
    'state',
  );
  readonly #eachQueue = this.#gauge(
    'sluice_each_queue_messages',
    'Messages of each queue of a policy with several, by state',
    'queue',
    'state',
  );
  readonly #eachAge = this.#gauge(
    'sluice_each_queue_oldest_age_seconds',
    'Age of the oldest message of each queue of a policy with several',
    'queue',
  );
  readonly #age = this.#gauge('sluice_queue_oldest_age_seconds', 'Age of the oldest message');
  readonly #budget = this.#gauge(
    'sluice_budget_amount',
    'Money of the day by kind: spent, foreseen, perDay',
    'kind',
    'currency',
  );
  readonly #generation = this.#gauge('sluice_policy_generation', 'Policy version in force');
  readonly #valid = this.#gauge('sluice_policy_valid', '1 when the newest version is in force, 0 when it was refused');
  readonly #observed = this.#gauge('sluice_observed', '1 when the last tick could read queue and service');
  readonly #alert = this.#gauge('sluice_alert_firing', '1 while the alert fires', 'alert');
  readonly #lastTick = this.#gauge('sluice_last_tick_timestamp_seconds', 'When the last tick ended');
  readonly #running = this.#gauge('sluice_experiments_running', 'Experiments that run now');
  readonly #detect = this.#gauge(
    'sluice_experiment_detect_seconds',
    'From the fault to its effect, last run',
    'experiment',
  );
  readonly #recover = this.#gauge(
    'sluice_experiment_recover_seconds',
    "From the fault's end to recovery, last run",
    'experiment',
  );

  readonly #ticks = this.#counter('sluice_ticks_total', 'Ticks by outcome', ['policy', 'outcome']);
  readonly #actions = this.#counter('sluice_actions_total', 'Writes to AWS by kind and outcome', [
    'policy',
    'kind',
    'outcome',
  ]);
  readonly #experiments = this.#counter('sluice_experiments_total', 'Ended experiments by verdict', [
    'policy',
    'experiment',
    'verdict',
  ]);
  readonly #elsewhere = this.#counter(
    'sluice_changes_elsewhere_total',
    'Changes of the desired count that Sluice did not make',
    ['policy'],
  );
  readonly #calls = this.#counter('sluice_aws_calls_total', 'AWS calls by action and error', ['action', 'error']);
  readonly #reporterErrors = this.#counter('sluice_reporter_errors_total', 'Events that a reporter failed to report', [
    'reporter',
  ]);
  readonly #tickSeconds = new Histogram({
    name: 'sluice_tick_duration_seconds',
    help: 'Time of one tick, AWS calls included',
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  readonly onCall = ({ action, error = '' }: { action: string; error?: string }): void =>
    this.#calls.inc({ action, error });

  /** Shows who acts for the prefix. The call is made at each scrape. */
  showLeader(leads: () => boolean): void {
    StandingMetrics.showLeader(this.registry, leads);
  }

  readonly onReporterError = (reporter: string): void => this.#reporterErrors.inc({ reporter });

  report(report: Report): void {
    const { event, view } = report;
    const policy = view.name;
    if (deletedBy(report) !== undefined) {
      for (const gauge of this.#gauges) gauge.forget(policy);
      this.#standing.forget(policy);
      return;
    }
    this.#generation.set(policy, view.generation);
    this.#valid.set(policy, view.refused ? 0 : 1);
    if (event.kind === 'broken') this.#ticks.inc({ policy, outcome: 'broken' });
    if (event.kind === 'tick') {
      this.#tick(policy, event);
      this.#standing.note(view, event.decision);
    }
  }

  #tick(policy: string, { decision, results, took }: TickRecord): void {
    const { observation, outcome, alerts, at, chaos } = decision;
    this.#ticks.inc({ policy, outcome });
    if (decision.changedElsewhere) this.#elsewhere.inc({ policy });
    this.#tickSeconds.observe(took / 1_000);
    this.#lastTick.set(policy, (at + took) / 1_000);
    for (const { action, outcome: result } of results)
      this.#actions.inc({ policy, kind: action.kind, outcome: result });
    this.#counts(policy, observation);
    this.#queues(policy, observation.queues ?? []);
    this.#alerts(policy, alerts);
    this.#money(policy, decision.budget);
    this.#chaos(policy, chaos);
  }

  #queues(policy: string, queues: readonly QueueReading[]): void {
    this.#eachQueue.forget(policy);
    this.#eachAge.forget(policy);
    for (const { name: queue, counts, age } of queues) {
      if (counts.ok)
        for (const state of ['visible', 'inFlight', 'delayed'] as const)
          this.#eachQueue.set(policy, counts.value[state], { queue, state });
      if (age?.ok && age.value) this.#eachAge.set(policy, age.value.seconds, { queue });
    }
  }

  #counts(policy: string, { queue, service, age }: Observation): void {
    this.#observed.set(policy, queue.ok && service.ok ? 1 : 0);
    if (service.ok)
      for (const state of ['desired', 'running', 'pending'] as const)
        this.#workers.set(policy, service.value[state], { state });
    if (queue.ok)
      for (const state of ['visible', 'inFlight', 'delayed'] as const)
        this.#messages.set(policy, queue.value[state], { state });
    if (age?.ok && age.value) this.#age.set(policy, age.value.seconds);
    else this.#age.forget(policy);
  }

  #money(policy: string, budget: BudgetState | undefined): void {
    this.#budget.forget(policy);
    if (!budget) return;
    const { currency } = budget;
    for (const kind of ['spent', 'foreseen', 'perDay'] as const)
      this.#budget.set(policy, budget[kind], { kind, currency });
  }

  /** An alert that is resolved is shown as 0, not left out. */
  #alerts(policy: string, alerts: readonly AlertState[]): void {
    const firing = new Set(alerts.filter((a) => a.firing).map((a) => a.name));
    const known = this.#alert.seriesOf(policy).map(({ alert = '' }) => alert);
    for (const alert of new Set([...known, ...firing])) this.#alert.set(policy, firing.has(alert) ? 1 : 0, { alert });
  }

  #chaos(policy: string, chaos: ChaosStep | undefined): void {
    this.#running.set(policy, chaos?.running.length ?? 0);
    for (const run of chaos?.ended ?? []) {
      const { experiment, verdict = '' } = run;
      this.#experiments.inc({ policy, experiment, verdict });
      const [detect, recover] = [timeToDetect(run), timeToRecover(run)];
      if (detect !== undefined) this.#detect.set(policy, detect, { experiment });
      if (recover !== undefined) this.#recover.set(policy, recover, { experiment });
    }
  }

  #gauge(name: string, help: string, ...labels: string[]): PolicyGauge {
    const gauge = new PolicyGauge(this.registry, name, help, labels);
    this.#gauges.push(gauge);
    return gauge;
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}
