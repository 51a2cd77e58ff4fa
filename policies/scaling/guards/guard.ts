import type { BudgetState } from '../../model/decision.ts';
import type { Memory } from '../../model/memory.ts';
import type { AlarmReport, Instant, QueueCounts, Reading } from '../../model/observation.ts';
import type { ScalingSpec } from '../schema.ts';
import type { StartTrouble } from '../trouble.ts';

export interface GuardContext {
  scaling: ScalingSpec;
  /** The service's desired count as observed. */
  current: number;
  deploying: boolean;
  /** While ECS replaces tasks: when the newest deployment began, if that is known. */
  deployingSince: Instant | undefined;
  /** Undefined while tasks start and stay up as far as is known. */
  startTrouble: StartTrouble | undefined;
  /** The queue's counts; undefined when the reading failed or is stale. */
  queue: QueueCounts | undefined;
  /** The reason why `queue` is undefined. */
  queueProblem: string | undefined;
  /** Alarms by name; undefined when none was looked at. */
  alarms: Readonly<Record<string, Reading<AlarmReport>>> | undefined;
  /** True when some of several queues were read: their counts alone may add workers, and remove none. */
  partial: boolean;
  /** Undefined without a budget. */
  budget: BudgetState | undefined;
  memory: Memory;
  /** Milliseconds between two ticks. */
  interval: number;
  now: Instant;
}

export interface Verdict {
  to: number;
  because: string;
}

/**
 * A guard may change the count that the strategies proposed, and gives its reason also when it lets the count pass. Each
 * guard is one file; their order is in guards/index.ts. Undefined: the policy does not ask for this guard, which then leaves no step.
 */
export type Guard = (proposed: number, context: GuardContext) => Verdict | undefined;

/** Returns the verdict of a guard that lets the count pass. */
export const pass = (to: number, because: string): Verdict => ({ to, because });
