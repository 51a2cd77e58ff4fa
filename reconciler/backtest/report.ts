/** The table for people. Programs read the results themselves. */
import type { Result } from './result.ts';
import { COLUMNS } from './terms.ts';

/** Prices of a run, and the yardstick of its cost. */
export interface Bill {
  /** USD. */
  pricePerWorkerHour: number;
  /** Worker-hours below which no controller can come (least.ts). */
  leastHours: number;
}

const seconds = (value: number): string => (value < 10 ? `${value.toFixed(1)}s` : `${Math.round(value)}s`);

/** Returns an amount of USD, in cents unless it is less than ten. */
export const dollars = (amount: number): string => `$${amount.toFixed(amount < 0.1 ? 4 : 2)}`;

/** Returns rows of cells; the first is the head. */
export function rows(results: readonly Result[], { pricePerWorkerHour, leastHours }: Bill): string[][] {
  return [
    [...COLUMNS],
    ...results.map((r) => [
      r.controller,
      `${(100 * r.withinTarget).toFixed(2)} %`,
      ...[r.wait.p50, r.wait.p95, r.wait.p99, r.wait.max].map(seconds),
      r.workerHours.toFixed(1),
      dollars(r.workerHours * pricePerWorkerHour),
      (r.workerHours / leastHours).toFixed(2),
      String(r.scaleActions),
      String(r.reversals),
      String(r.busyKills),
      String(r.redelivered),
      String(r.peakBacklog),
      r.settings,
    ]),
  ];
}
