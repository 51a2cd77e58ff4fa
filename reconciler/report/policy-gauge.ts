import { Gauge, type Registry } from 'prom-client';

type Labels = Readonly<Record<string, string>>;

/** A gauge with the label `policy`, whose series go away together with their policy. */
export class PolicyGauge {
  readonly #gauge: Gauge;
  readonly #series = new Map<string, Map<string, Labels>>();

  /** `labels` are those beside `policy`. */
  constructor(registry: Registry, name: string, help: string, labels: readonly string[] = []) {
    this.#gauge = new Gauge({ name, help, labelNames: ['policy', ...labels], registers: [registry] });
  }

  set(policy: string, value: number, labels: Labels = {}): void {
    const series = this.#series.get(policy) ?? new Map<string, Labels>();
    this.#series.set(policy, series.set(JSON.stringify(labels), labels));
    this.#gauge.set({ ...labels, policy }, value);
  }

  /** Returns the labels of a policy's series. */
  seriesOf(policy: string): Labels[] {
    return [...(this.#series.get(policy)?.values() ?? [])];
  }

  /** Removes all series of a policy, so that it leaves no frozen numbers behind. */
  forget(policy: string): void {
    for (const labels of this.seriesOf(policy)) this.#gauge.remove({ ...labels, policy });
    this.#series.delete(policy);
  }
}
