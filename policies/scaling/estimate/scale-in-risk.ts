import type { Estimate } from '../../model/estimate.ts';
import { protectedShare } from './protection.ts';

/**
 * Without task protection ECS may stop a worker that holds a message. A message that does not end within the stop timeout
 * waits for its visibility timeout and misses every target. So scale-in has an allowance: a share of the messages that the
 * fleet could have handled, so that idle workers, too, pay for their own removal. A moment at which few workers are busy
 * costs little of it.
 */

/** Allowance before anything was finished, and the most that is saved up. */
const AT_START = 1;
const MOST = 3;
/** ECS's stopTimeout when none is set. A message that ends in this time after SIGTERM is not lost. */
const STOP_TIMEOUT_S = 30;
/** Jobs under way are longer than the average one, and lengths vary. */
const LONGER = 1.5;

/** Returns the allowance before anything was seen. */
export const startOfRisk = (): Estimate['risk'] => ({ allowance: AT_START, lastScaleIn: 0 });

/**
 * Returns the messages that are lost, on average, when one running worker is stopped. `unprotected` is the share of busy
 * workers that ECS may stop.
 */
export function lossPerWorker(last: Estimate['last'], slots: number, service: number, unprotected = 1): number {
  if (last.running === 0) return 0;
  const held = Math.min(last.inFlight / last.running, slots);
  return unprotected * held * Math.exp(-STOP_TIMEOUT_S / (LONGER * Math.max(service, 0.1)));
}

/** Returns the workers that may be removed now. Those that are only starting cost nothing. */
export function workersToSpare(estimate: Estimate, slots: number, service: number): number {
  const { last, risk } = estimate;
  const starting = Math.max(0, last.desired - last.running);
  const loss = lossPerWorker(last, slots, service, 1 - protectedShare(estimate));
  return starting + (loss < 1e-4 ? Number.POSITIVE_INFINITY : Math.floor(risk.allowance / loss));
}

/** Returns the allowance, less a scale-in since the last look, plus the `share` of the capacity of `elapsed` seconds. */
export function learnRisk(
  before: Estimate,
  now: Estimate['last'],
  elapsed: number,
  slots: number,
  service: number,
  share: number,
): Estimate['risk'] {
  const { last, risk } = before;
  const unprotected = 1 - protectedShare(before);
  const earned = Math.min(MOST, risk.allowance + (share * now.running * slots * elapsed) / service);
  const starting = Math.max(0, last.desired - last.running);
  const removed = Math.max(0, last.desired - now.desired - starting);
  if (removed === 0) return { ...risk, allowance: earned };
  return {
    allowance: Math.max(0, earned - removed * lossPerWorker(last, slots, service, unprotected)),
    lastScaleIn: last.at,
  };
}
