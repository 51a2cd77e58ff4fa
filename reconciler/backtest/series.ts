import type { Decision } from '../../policies/model/decision.ts';
import type { Watcher } from './run.ts';

/** The course of one controller, with as many points as a chart can show. Times are seconds. */
export interface Series {
  controller: string;
  at: number[];
  backlog: number[];
  desired: number[];
  running: number[];
  /** Longest wait of the messages received since the point before. */
  wait: number[];
  /** Arrivals per second since the point before. */
  arrivals: number[];
  decisions: { at: number; from: number; to: number; because: string }[];
}

const POINTS = 1_500;
/** Changes that are listed at most. */
const MOST_DECISIONS = 3_000;

/** Returns a recorder of fixed size for one run of `duration` seconds. */
export function recorder(controller: string, duration: number): { series: Series; watcher: Watcher } {
  const series: Series = {
    controller,
    at: [],
    backlog: [],
    desired: [],
    running: [],
    wait: [],
    arrivals: [],
    decisions: [],
  };
  const every = Math.max(10, duration / POINTS);
  let sent = 0;
  const watcher: Watcher = {
    every,
    see: (plant) => {
      series.at.push(Math.round(plant.now));
      series.backlog.push(plant.visible + plant.inFlight);
      series.desired.push(plant.desired);
      series.running.push(plant.running);
      series.wait.push(Math.round(Math.max(plant.longestWait, plant.oldestAge)));
      series.arrivals.push(Number(((plant.total.sent - sent) / every).toFixed(2)));
      plant.longestWait = 0;
      sent = plant.total.sent;
    },
    decided: (at, from, to, decision) => {
      if (series.decisions.length < MOST_DECISIONS)
        series.decisions.push({ at: Math.round(at), from, to, because: reasonOf(decision) });
    },
  };
  return { series, watcher };
}

const reasonOf = (decision: Decision | undefined): string =>
  decision?.summary.replace(/^\S+ -> \S+ workers; /, '') ?? '';
