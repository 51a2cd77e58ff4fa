import type { Attainable } from '../../model/attainable.ts';
import type { Estimate } from '../../model/estimate.ts';
import type { Instant, Observation } from '../../model/observation.ts';
import { withPeak } from '../peaks.ts';
import { attainable } from './attainable.ts';
import { slotsOf } from './concurrency.ts';
import { timeToFirstReceive } from './deadline.ts';
import { forecastLoad, usualLoad } from './forecast.ts';
import { learn, smoothing } from './learn.ts';
import { marginsOf } from './objective.ts';
import { keepFor } from './release.ts';
import { cautiousServiceTime, serviceTime } from './service-time.ts';
import { type Sizes, sizes } from './size.ts';

/** The aim of a strategy that works on the estimate, with the author's hints. Seconds. */
export interface Aim {
  /** The longest acceptable wait. */
  target: number;
  /** Share of messages that must be received within the target. */
  objective: number;
  serviceTime: number | undefined;
  startUp: number | undefined;
}

/** The parts of a policy that the outlook depends on. */
interface Setting {
  /** Milliseconds between two ticks. */
  interval: number;
  scaling: { minWorkers: number; maxWorkers: number; concurrency?: number | undefined };
}

/** The estimate after one look, and its consequences. Seconds, messages and workers. */
export interface Outlook {
  estimate: Estimate;
  target: number;
  /** Messages that one worker handles at a time. */
  slots: number;
  /** Mean time of one message. */
  service: number;
  /** The somewhat longer time that plans use. */
  plannedService: number;
  /** From the request for a worker to its first message. */
  startUp: number;
  /** Busy slots to expect when a worker requested now has started. */
  load: number;
  /** The part of the load that is usual at this time of day; 0 when nothing is known. */
  usual: number;
  sizes: Sizes;
  /** The largest of the sizes. */
  needed: number;
  /** Set when the objective cannot be met as things are. */
  attainable: Attainable | undefined;
  /** Seconds for which clearly superfluous workers are kept. */
  keep: number;
}

/**
 * Learns from one look and returns the outlook; undefined when queue or service could not be read. `restarted` is the
 * current count at the first look after a restart, before which any count up to it may have been needed.
 */
export function outlookOf(
  aim: Aim,
  { interval: ms, scaling: { minWorkers, maxWorkers, concurrency } }: Setting,
  seen: Observation,
  before: Estimate | undefined,
  restarted: number | undefined,
  now: Instant,
): Outlook | undefined {
  const { target } = aim;
  const margins = marginsOf(aim.objective);
  const interval = ms / 1_000;
  const hints = { serviceTime: aim.serviceTime, startUp: aim.startUp, concurrency };
  const learned = learn(before, seen, target, hints, now, margins);
  if (!learned) return undefined;
  const service = serviceTime(learned);
  const memory = smoothing(target, service);
  const startUp = timeToFirstReceive(learned);
  const usual = usualLoad(seen, service);
  const load = Math.max(usual, forecastLoad(learned, memory, service, startUp + interval));
  const found = sizes(learned, load, target, interval, maxWorkers, margins);
  const needed = Math.max(found.waiting, found.burst, found.steady);
  const held = restarted === undefined ? learned.held : withPeak(learned.held, restarted, now, memory * 1_000);
  const plan = {
    objective: aim.objective,
    target,
    interval,
    margins,
    slots: slotsOf(learned.concurrency),
    service,
    load,
    ready: Math.max(minWorkers, found.burst, found.steady),
  };
  return {
    estimate: { ...learned, held: withPeak(held, needed, now, memory * 1_000) },
    target,
    slots: plan.slots,
    service,
    plannedService: cautiousServiceTime(learned),
    startUp,
    load,
    usual,
    sizes: found,
    needed,
    attainable: attainable(learned, plan),
    keep: keepFor(learned.startUp.seconds, interval, target),
  };
}
