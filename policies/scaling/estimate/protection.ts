import type { Estimate } from '../../model/estimate.ts';
import type { Observation } from '../../model/observation.ts';
import { slotsOf } from './concurrency.ts';

/**
 * Task protection is learned from what ECS says of the running tasks: protected tasks against the workers that were busy at
 * that moment. A fleet whose busy workers protect themselves may shrink at any time, since ECS takes the idle ones.
 */

/** Each reading counts this much less than the one after it: some twenty of them count. */
const KEEP = 0.95;
/** So many busy workers must have been looked at before anything is concluded. */
const LEAST_BUSY = 5;
/** From this share on all busy workers are taken to be protected: the counts are not of quite the same moment. */
const ALL = 0.85;

/**
 * Returns the mean number of workers that hold a message, when `inFlight` messages are spread by chance over the slots of
 * `running` workers.
 */
export function busyWorkers(inFlight: number, running: number, slots: number): number {
  if (running <= 0) return 0;
  const full = Math.min(1, inFlight / (running * slots));
  return running * (1 - (1 - full) ** slots);
}

/** Returns the sums with a new reading taken in; unchanged when there is none, or none of its tasks was told. */
export function learnProtection(
  before: Estimate['protection'],
  seen: Observation,
  now: Estimate['last'],
  concurrency: number,
): Estimate['protection'] {
  const { protection } = seen;
  if (!protection?.ok || protection.at <= (before?.at ?? 0)) return before;
  const { tasks, protected: guarded } = protection.value;
  if (tasks === 0 || now.running === 0) return before;
  const busy = busyWorkers(now.inFlight, now.running, slotsOf(concurrency)) * (tasks / now.running);
  return {
    at: protection.at,
    busy: (before?.busy ?? 0) * KEEP + Math.min(tasks, busy),
    guarded: (before?.guarded ?? 0) * KEEP + guarded,
  };
}

/** Returns the share of busy workers that ECS does not stop, 0 to 1; 0 as long as too few were seen. */
export function protectedShare({ protection }: Pick<Estimate, 'protection'>): number {
  if (!protection || protection.busy < LEAST_BUSY) return 0;
  const share = protection.guarded / protection.busy;
  return share >= ALL ? 1 : share;
}
