import type { Estimate } from './estimate.ts';

/** Messages of a worker that was killed stay in flight until they time out; so long their count says nothing. */
const GHOSTS_MS = 330_000;
/** How fast a count that proved too high is taken back. */
const DOWN = 0.1;

/**
 * Messages that one worker handles at a time. Two looks in a row show at least so many in flight for each worker: then it
 * is at least that. When messages wait all the same, it is no more than that.
 */
export function learnConcurrency(before: Estimate, now: Estimate['last']): number {
  const { last, concurrency } = before;
  const steady = now.running > 0 && now.running === last.running;
  if (!steady) return concurrency;
  const most = Math.min(now.inFlight, last.inFlight) / now.running;
  if (most > concurrency) return now.at - before.risk.lastScaleIn > GHOSTS_MS ? most : concurrency;
  const saturated = now.visible > 0 && last.visible > 0;
  const held = now.inFlight / now.running;
  return saturated && held < concurrency ? Math.max(1, concurrency + (held - concurrency) * DOWN) : concurrency;
}

/** Slots of one worker: whole, and rather one too few than one too many. */
export const slotsOf = (concurrency: number): number => Math.max(1, Math.floor(concurrency + 0.3));
