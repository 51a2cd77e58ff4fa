/**
 * Keeps all metrics. It forgets a metric fifteen days after its last point, and sooner if there are too many metrics.
 */
import { type MetricName, metricKey } from './metric.ts';
import { COARSE_KEPT_MS, type Sample, Series } from './series.ts';

/** The most metrics kept, far above the number in a local run. The one whose last point is oldest goes first. */
const MAX_METRICS = 5_000;

interface Entry {
  metric: MetricName;
  series: Series;
}

export class MetricStore {
  readonly #entries = new Map<string, Entry>();

  add(metric: MetricName, samples: readonly Sample[], now: number): void {
    const key = metricKey(metric);
    const entry = this.#entries.get(key) ?? { metric, series: new Series() };
    // Moved to the end, so that the map's order is that of the last write.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const sample of samples) entry.series.add(sample, now);
    for (const [oldest, { series }] of this.#entries) {
      if (this.#entries.size <= MAX_METRICS && series.lastAt >= now - COARSE_KEPT_MS) break;
      this.#entries.delete(oldest);
    }
  }

  find(metric: MetricName): Series | undefined {
    return this.#entries.get(metricKey(metric))?.series;
  }

  all(): readonly Entry[] {
    return [...this.#entries.values()];
  }
}
