import { type Guard, pass } from './guard.ts';

/** A failed, partial or stale reading changes nothing: it is never taken as zero, and never scales in. */
export const observed: Guard = (proposed, { queue, queueProblem, current }) =>
  queue
    ? pass(proposed, 'queue and service were read')
    : { to: current, because: `no count of the queue: ${queueProblem}` };
