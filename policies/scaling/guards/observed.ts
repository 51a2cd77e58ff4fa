import { type Guard, pass } from './guard.ts';

/**
 * A failed, partial or stale reading is never taken as zero, and never scales in. Of several queues, those that were read may
 * still add workers: whatever the others hold, there is no less work.
 */
export const observed: Guard = (proposed, { queue, queueProblem, partial, current }) => {
  if (queue) return pass(proposed, 'queue and service were read');
  if (partial && proposed > current) return pass(proposed, `the other queues need them, though ${queueProblem}`);
  return { to: current, because: `no count of the queue: ${queueProblem}` };
};
