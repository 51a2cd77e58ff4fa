import { Counter, Gauge, type Registry } from 'prom-client';
import { limitOf } from '../../policies/grammar/limited-by.ts';
import type { Decision } from '../../policies/model/decision.ts';
import type { PolicyView } from './board.ts';
import { PolicyGauge } from './policy-gauge.ts';

const MODES: readonly Decision['mode'][] = ['enforce', 'observe', 'paused'];
/** Longest time between two ticks that is counted as work; a longer gap was not watched. */
const MOST_GAP_MS = 10 * 60_000;

/** The metrics of how a policy stands: its bounds, its mode, what limits its count, and the worker-time it used. */
export class StandingMetrics {
  readonly #min: PolicyGauge;
  readonly #max: PolicyGauge;
  readonly #mode: PolicyGauge;
  readonly #limit: PolicyGauge;
  readonly #seconds: Counter<'policy'>;
  readonly #lastAt = new Map<string, number>();

  constructor(registry: Registry) {
    this.#min = new PolicyGauge(registry, 'sluice_min_workers', 'minWorkers of the version in force');
    this.#max = new PolicyGauge(registry, 'sluice_max_workers', 'maxWorkers of the version in force');
    this.#mode = new PolicyGauge(registry, 'sluice_mode', '1 for the mode of the version in force', ['mode']);
    this.#limit = new PolicyGauge(
      registry,
      'sluice_limited_by',
      '1 for the field, guard or experiment that keeps the count from the proposed one',
      ['by'],
    );
    this.#seconds = new Counter({
      name: 'sluice_worker_seconds_total',
      help: 'Time of running workers, for costs: multiply by the price of a worker and second',
      labelNames: ['policy'],
      registers: [registry],
    });
  }

  /** Adds the gauge of who acts. The call is made at each scrape. */
  static showLeader(registry: Registry, leads: () => boolean): void {
    new Gauge({
      name: 'sluice_leader',
      help: '1 while this process acts for its prefix, 0 while it stands by',
      registers: [registry],
      collect() {
        this.set(leads() ? 1 : 0);
      },
    });
  }

  note({ name, bounds }: PolicyView, decision: Decision): void {
    if (bounds) {
      this.#min.set(name, bounds.minWorkers);
      this.#max.set(name, bounds.maxWorkers);
    }
    for (const mode of MODES) this.#mode.set(name, decision.mode === mode ? 1 : 0, { mode });
    const limit = limitOf(decision)?.by;
    // A limit that is gone is shown as 0, so that its line ends instead of freezing.
    const known = this.#limit.seriesOf(name).map(({ by = '' }) => by);
    for (const by of new Set([...known, ...(limit === undefined ? [] : [limit])]))
      this.#limit.set(name, by === limit ? 1 : 0, { by });
    this.#work(name, decision);
  }

  #work(policy: string, { at, observation: { service } }: Decision): void {
    const before = this.#lastAt.get(policy);
    this.#lastAt.set(policy, at);
    if (before === undefined || !service.ok) return;
    const seconds = Math.max(0, Math.min(at - before, MOST_GAP_MS)) / 1_000;
    this.#seconds.inc({ policy }, service.value.running * seconds);
  }

  /** Removes all series of a policy. */
  forget(policy: string): void {
    for (const gauge of [this.#min, this.#max, this.#mode, this.#limit]) gauge.forget(policy);
    this.#seconds.remove({ policy });
    this.#lastAt.delete(policy);
  }
}
