/** Computes statistics by name: Sum, Average, Minimum, Maximum, SampleCount, and percentiles such as p95 or p99.9. */
import type { Bucket } from './series.ts';

export type Statistic = (bucket: Bucket) => number | undefined;

const SIMPLE: Record<string, Statistic> = {
  SampleCount: (bucket) => bucket.count,
  Sum: (bucket) => bucket.sum,
  Average: (bucket) => bucket.sum / bucket.count,
  Minimum: (bucket) => bucket.min,
  Maximum: (bucket) => bucket.max,
};

/**
 * Computes a percentile by nearest rank; undefined if the bucket has no distinct values, as on AWS for statistic sets.
 */
function percentile(rank: number): Statistic {
  return ({ values, count, min, max }) => {
    if (min === max) return min;
    if (!values) return undefined;
    const target = Math.max(1, Math.ceil((rank / 100) * count));
    let seen = 0;
    for (const [value, times] of [...values].sort(([a], [b]) => a - b)) {
      seen += times;
      if (seen >= target) return value;
    }
    return max;
  };
}

/** Returns the statistic of that name; undefined for an unknown name. */
export function statistic(name: string): Statistic | undefined {
  if (Object.hasOwn(SIMPLE, name)) return SIMPLE[name];
  const match = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(name);
  return match ? percentile(Number(match[1])) : undefined;
}
