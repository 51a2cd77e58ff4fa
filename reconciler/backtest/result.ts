import type { Plant } from './plant.ts';

/** The result of one controller on one load, as `--json` prints it. Waits are seconds; work is hours. */
export interface Result {
  controller: string;
  settings: string;
  jobs: number;
  /** Share of receives that came within the target, 0 to 1. */
  withinTarget: number;
  wait: { p50: number; p95: number; p99: number; max: number };
  workerHours: number;
  /** Sum of all service times, divided by the concurrency: no fleet can cost less. */
  lowerBoundHours: number;
  /** Changes of the desired count. */
  scaleActions: number;
  /** Changes of the desired count whose direction differs from the one before. */
  reversals: number;
  /** Messages that a stopped worker could not finish in time. */
  redelivered: number;
  /** Workers that were stopped while they held a message. */
  busyKills: number;
  /** Most messages visible and in flight. */
  peakBacklog: number;
}

/** Counts changes of direction. */
export class Moves {
  actions = 0;
  reversals = 0;
  #last = 0;

  note(from: number, to: number): void {
    const direction = Math.sign(to - from);
    if (direction === 0) return;
    this.actions++;
    if (this.#last !== 0 && direction !== this.#last) this.reversals++;
    this.#last = direction;
  }
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Returns the result of a run that has ended. */
export function resultOf(
  controller: string,
  settings: string,
  plant: Plant,
  moves: Moves,
  concurrency: number,
): Result {
  const { waits, load, total } = plant;
  const quantile = (q: number): number => round(waits.quantile(q), 2);
  return {
    controller,
    settings,
    jobs: load.arrived,
    withinTarget: waits.count === 0 ? 1 : round(waits.within / waits.count, 6),
    wait: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: round(waits.max, 2) },
    workerHours: round(plant.workerSeconds / 3_600, 3),
    lowerBoundHours: round(load.work / concurrency / 3_600, 3),
    scaleActions: moves.actions,
    reversals: moves.reversals,
    redelivered: total.redelivered,
    busyKills: total.busyKills,
    peakBacklog: plant.peakBacklog,
  };
}
