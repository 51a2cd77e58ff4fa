import type { Estimate } from '../../model/estimate.ts';

/** Messages of a killed worker stay in flight until they time out. Until then the in-flight count says nothing. */
const GHOSTS_MS = 330_000;
/** No worker is believed to handle more messages at a time; the document has the same limit. */
export const MOST_CONCURRENCY = 10_000;
/** SQS shows one or two messages on an empty queue at times, for a minute (kedacore/keda#7845): these prove no wait. */
const NOT_THERE = 2;
/** A number that proved too high is lowered by this share at each look. */
const DOWN = 0.1;

/**
 * Returns the messages that one worker handles at a time. Two looks in a row with so many in flight for each worker prove
 * at least that number. When messages wait all the same, it is no larger.
 */
export function learnConcurrency(before: Estimate, now: Estimate['last']): number {
  const { last, concurrency } = before;
  const steady = now.running > 0 && now.running === last.running;
  if (!steady) return concurrency;
  const most = Math.min(now.inFlight, last.inFlight) / now.running;
  if (most > concurrency)
    return now.at - before.risk.lastScaleIn > GHOSTS_MS ? Math.min(most, MOST_CONCURRENCY) : concurrency;
  const saturated = now.visible > NOT_THERE && last.visible > NOT_THERE;
  const held = now.inFlight / now.running;
  return saturated && held < concurrency ? Math.max(1, concurrency + (held - concurrency) * DOWN) : concurrency;
}

/** Returns the slots of one worker: a whole number, rather one too few than one too many. */
export const slotsOf = (concurrency: number): number => Math.max(1, Math.floor(concurrency + 0.3));
