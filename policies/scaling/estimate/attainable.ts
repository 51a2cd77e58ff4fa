import type { Attainable } from '../../model/attainable.ts';
import type { Estimate } from '../../model/estimate.ts';
import { blindSeconds, lateByBursts, surpriseToCover } from './bursts.ts';
import { FIRST_RECEIVE_S, timeToFirstReceive } from './deadline.ts';
import { lagToPlan } from './lag.ts';
import type { Margins } from './objective.ts';

/** Fewer messages than this say little about bursts. */
const LEAST_SEEN = 200;

/** A plan, as far as the question depends on it. */
export interface Plan {
  objective: number;
  target: number;
  /** Seconds between two looks. */
  interval: number;
  margins: Margins;
  slots: number;
  /** Seconds of one message. */
  service: number;
  /** Busy slots. */
  load: number;
  /** Workers that the plan keeps at least: for the load, and ready for bursts. */
  ready: number;
}

/**
 * Returns the share of messages that can be expected in time, and the ways to meet the objective, when bursts come faster
 * than workers start and the plan does not keep enough of them. Undefined when nothing known speaks against the objective.
 */
export function attainable(estimate: Estimate, plan: Plan): Attainable | undefined {
  const { objective, target, interval, margins, slots, service, load, ready } = plan;
  const { bursts, startUp } = estimate;
  const late = interval + lagToPlan(estimate, target);
  const blind = blindSeconds(timeToFirstReceive(estimate), late, target);
  if (blind <= 0 || bursts.arrived < LEAST_SEEN) return undefined;
  const expected = (load / service) * blind;
  const deviation = Math.sqrt(expected + 1);
  // A worker takes one message for each slot at once, and another each service time until the last of them is due.
  const perWorker = slots * (1 + (blind + target) / service);
  const covered = Math.max(0, ready * perWorker - load - expected) / deviation;
  const share = 1 - lateByBursts(bursts, covered);
  if (share >= 1 - margins.bursts) return undefined;
  const messages = load + expected + surpriseToCover(bursts, margins.bursts) * deviation;
  return {
    objective,
    share: Number(share.toFixed(5)),
    target,
    startUp: Math.round(startUp.seconds),
    startUpNeeded: Math.max(0, Math.floor(target - late - FIRST_RECEIVE_S)),
    workers: Math.ceil(messages / perWorker),
    workersForLoad: Math.max(1, Math.ceil(load / slots)),
  };
}

/** Returns the sentence about it, for people. */
export function attainableWords(found: Attainable): string {
  const { objective, share, target, startUp, startUpNeeded, workers, workersForLoad } = found;
  const percent = (of: number): string => `${Number((100 * of).toFixed(2))} %`;
  const starts =
    startUpNeeded > 0
      ? `needs workers that start in ${startUpNeeded} s; they take ${startUp} s`
      : 'cannot be met by starting workers: counts come too late for it';
  const more = 24 * Math.max(0, workers - workersForLoad);
  return `${percent(objective)} within ${target} s ${starts}: expect ${percent(share)}, or keep ${workers} workers (${more} worker-hours a day more than the load needs)`;
}
