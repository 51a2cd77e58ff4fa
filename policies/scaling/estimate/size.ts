import type { Estimate } from '../../model/estimate.ts';
import { blindSeconds, surpriseToCover } from './bursts.ts';
import { slotsOf } from './concurrency.ts';
import { deadlines, type Fleet, fewestForDeadlines, timeToFirstReceive } from './deadline.ts';
import { fewestWorkers } from './erlang.ts';
import { lagToPlan } from './lag.ts';
import type { Margins } from './objective.ts';
import { cautiousServiceTime } from './service-time.ts';

/** Share of messages that the steady fleet alone may let wait too long: workers for deadlines come on top of it. */
const STEADY_MISS = 0.4;
/** For the load alone the fleet grows only when it is all but overrun: chance makes the load go up and down. */
const STEADY_UP_MISS = 0.99;
/** Readiness for bursts may cost this many times the fleet for the load: a burst a day is not worth a fleet all day. */
const MOST_FOR_BURSTS = 4;

/** Workers that each reason asks for. */
export interface Sizes {
  /** The messages that wait now, each by its deadline. */
  waiting: number;
  /** Arrivals before a worker requested at the next look could help; 0 when workers start fast enough. */
  burst: number;
  /** The load, if it goes on as it is. */
  steady: number;
  /** Below this the load alone makes the fleet grow (to `steady`). */
  steadyLeast: number;
}

/** Returns the workers that each reason asks for, none above `most`. `target` and `interval` in seconds. */
export function sizes(
  estimate: Estimate,
  load: number,
  target: number,
  interval: number,
  most: number,
  margins: Margins,
): Sizes {
  const slots = slotsOf(estimate.concurrency);
  const service = cautiousServiceTime(estimate);
  const fleet: Fleet = { estimate, slots, service };
  const [steady = 0, steadyLeast = 0] = isIdle(estimate)
    ? []
    : fewestWorkers({ load, slots, service }, target, [STEADY_MISS, STEADY_UP_MISS], most);
  return {
    waiting: fewestForDeadlines(fleet, deadlines(estimate, target), most, margins.reserve),
    burst: Math.min(
      MOST_FOR_BURSTS * Math.max(1, steady),
      forBursts(fleet, load, target, interval, most, margins.bursts),
    ),
    steady,
    steadyLeast,
  };
}

/** Returns true when the queue is empty and nothing arrived for some minutes. */
function isIdle({ last, spans }: Estimate): boolean {
  return last.visible + last.inFlight === 0 && spans.every(({ arrived }) => arrived < 0.5);
}

/** Returns enough workers for a burst of the expected size to be received in time by those that already run. */
function forBursts(
  { estimate, slots, service }: Fleet,
  load: number,
  target: number,
  interval: number,
  most: number,
  miss: number,
): number {
  const blind = blindSeconds(timeToFirstReceive(estimate), interval + lagToPlan(estimate, target), target);
  if (blind <= 0) return 0;
  const expected = (load / service) * blind;
  const surprise = surpriseToCover(estimate.bursts, miss) * Math.sqrt(expected + 1);
  const messages = estimate.last.visible + estimate.last.inFlight + expected + surprise;
  // Each slot takes one message at once, and another every service time until the last of them is due.
  return Math.min(most, Math.ceil(messages / (slots * (1 + (blind + target) / service))));
}
