import type { WorkerPolicy } from '../../document/schema.ts';
import type { Memory } from '../../model/memory.ts';
import type { Instant, QueueCounts } from '../../model/observation.ts';

export interface GuardContext {
  policy: WorkerPolicy;
  /** The service's desired count as observed. */
  current: number;
  deploying: boolean;
  /** The queue's counts; undefined when the read failed or is stale. */
  queue: QueueCounts | undefined;
  /** Why `queue` is undefined. */
  queueProblem: string | undefined;
  memory: Memory;
  now: Instant;
}

export interface Verdict {
  to: number;
  because: string;
}

/**
 * A guard may change the count that the strategies proposed, and always says why, also when it lets it pass. One file
 * a guard; the order stands in guards/index.ts.
 */
export type Guard = (proposed: number, context: GuardContext) => Verdict;

/** Passes the count on unchanged. */
export const pass = (to: number, because: string): Verdict => ({ to, because });
