import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { timeToDetect, timeToRecover } from '../../policies/chaos/run.ts';
import type { ChaosStep } from '../../policies/model/chaos.ts';
import type { CallListener } from '../aws/middleware.ts';
import type { PipelineEvent } from '../loop/pipeline-event.ts';
import type { PolicyView } from './board.ts';

/** Prometheus metrics of this process: `/metrics`. */
export class Metrics {
  readonly registry = new Registry();
  readonly #workers = this.#gauge('sluice_workers', 'Workers of the service by state', ['policy', 'state']);
  readonly #messages = this.#gauge(
    'sluice_queue_messages',
    'Messages of the queue by state (approximate, as SQS counts)',
    ['policy', 'state'],
  );
  readonly #age = this.#gauge('sluice_queue_oldest_age_seconds', 'Age of the oldest message', ['policy']);
  readonly #generation = this.#gauge('sluice_policy_generation', 'Policy version in force', ['policy']);
  readonly #valid = this.#gauge('sluice_policy_valid', '1 when the newest version is in force, 0 when it was refused', [
    'policy',
  ]);
  readonly #observed = this.#gauge('sluice_observed', '1 when the last tick could read queue and service', ['policy']);
  readonly #alert = this.#gauge('sluice_alert_firing', '1 while the alert fires', ['policy', 'alert']);
  readonly #lastTick = this.#gauge('sluice_last_tick_timestamp_seconds', 'When the last tick ended', ['policy']);
  readonly #ticks = this.#counter('sluice_ticks_total', 'Ticks by outcome', ['policy', 'outcome']);
  readonly #actions = this.#counter('sluice_actions_total', 'Writes to AWS by kind and outcome', [
    'policy',
    'kind',
    'outcome',
  ]);
  readonly #running = this.#gauge('sluice_experiments_running', 'Experiments that run now', ['policy']);
  readonly #experiments = this.#counter('sluice_experiments_total', 'Ended experiments by verdict', [
    'policy',
    'experiment',
    'verdict',
  ]);
  readonly #detect = this.#gauge('sluice_experiment_detect_seconds', 'From the fault to its effect, last run', [
    'policy',
    'experiment',
  ]);
  readonly #recover = this.#gauge('sluice_experiment_recover_seconds', "From the fault's end to recovery, last run", [
    'policy',
    'experiment',
  ]);
  readonly #calls = this.#counter('sluice_aws_calls_total', 'AWS calls by action and error', ['action', 'error']);
  readonly #tickSeconds = new Histogram({
    name: 'sluice_tick_duration_seconds',
    help: 'Time of one tick, AWS calls included',
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
    registers: [this.registry],
  });

  /** Alerts that ever fired, by policy: a resolved one is shown as 0. */
  readonly #alerts = new Map<string, Set<string>>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  readonly onCall: CallListener = ({ action, error }) => this.#calls.inc({ action, error: error ?? '' });

  record(event: PipelineEvent, view: PolicyView): void {
    const policy = view.name;
    if (event.kind === 'spec' && event.change.kind === 'deleted') {
      this.#forget(policy);
      return;
    }
    this.#generation.set({ policy }, view.generation);
    this.#valid.set({ policy }, view.refused ? 0 : 1);
    if (event.kind === 'broken') this.#ticks.inc({ policy, outcome: 'broken' });
    if (event.kind !== 'tick') return;
    const { observation, outcome, alerts, at } = event.decision;
    this.#ticks.inc({ policy, outcome });
    this.#tickSeconds.observe(event.took / 1_000);
    this.#lastTick.set({ policy }, (at + event.took) / 1_000);
    this.#observed.set({ policy }, observation.queue.ok && observation.service.ok ? 1 : 0);
    for (const { action, outcome: result } of event.results)
      this.#actions.inc({ policy, kind: action.kind, outcome: result });
    if (observation.service.ok)
      for (const state of ['desired', 'running', 'pending'] as const)
        this.#workers.set({ policy, state }, observation.service.value[state]);
    if (observation.queue.ok)
      for (const state of ['visible', 'inFlight', 'delayed'] as const)
        this.#messages.set({ policy, state }, observation.queue.value[state]);
    if (observation.age?.ok && observation.age.value) this.#age.set({ policy }, observation.age.value.seconds);
    else this.#age.remove({ policy });
    this.#chaos(policy, event.decision.chaos);
    const firing = new Set(alerts.filter((a) => a.firing).map((a) => a.name));
    const known = this.#alerts.get(policy) ?? new Set();
    for (const alert of new Set([...known, ...firing])) this.#alert.set({ policy, alert }, firing.has(alert) ? 1 : 0);
    this.#alerts.set(policy, new Set([...known, ...firing]));
  }

  #chaos(policy: string, chaos: ChaosStep | undefined): void {
    this.#running.set({ policy }, chaos?.running.length ?? 0);
    for (const run of chaos?.ended ?? []) {
      const { experiment, verdict = '' } = run;
      this.#experiments.inc({ policy, experiment, verdict });
      const [detect, recover] = [timeToDetect(run), timeToRecover(run)];
      if (detect !== undefined) this.#detect.set({ policy, experiment }, detect);
      if (recover !== undefined) this.#recover.set({ policy, experiment }, recover);
    }
  }

  /** A policy that is gone leaves no frozen numbers behind. */
  #forget(policy: string): void {
    for (const gauge of [this.#running, this.#age, this.#generation, this.#valid, this.#observed, this.#lastTick])
      gauge.remove({ policy });
    for (const alert of this.#alerts.get(policy) ?? []) this.#alert.remove({ policy, alert });
    this.#alerts.delete(policy);
    for (const state of ['desired', 'running', 'pending']) this.#workers.remove({ policy, state });
    for (const state of ['visible', 'inFlight', 'delayed']) this.#messages.remove({ policy, state });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}
