/** The table for people. Programs read the results themselves. */
import type { Result } from './result.ts';

const HEAD = [
  'controller',
  'within target',
  'p50',
  'p95',
  'p99',
  'max',
  'worker-hours',
  'x bound',
  'actions',
  'reversals',
  'busy kills',
  'redelivered',
  'peak backlog',
  'settings',
];

const seconds = (value: number): string => (value < 10 ? `${value.toFixed(1)}s` : `${Math.round(value)}s`);

/** Returns rows of cells; the first is the head. */
export function rows(results: readonly Result[]): string[][] {
  return [
    HEAD,
    ...results.map((r) => [
      r.controller,
      `${(100 * r.withinTarget).toFixed(2)} %`,
      ...[r.wait.p50, r.wait.p95, r.wait.p99, r.wait.max].map(seconds),
      r.workerHours.toFixed(1),
      (r.workerHours / r.lowerBoundHours).toFixed(2),
      String(r.scaleActions),
      String(r.reversals),
      String(r.busyKills),
      String(r.redelivered),
      String(r.peakBacklog),
      r.settings,
    ]),
  ];
}
