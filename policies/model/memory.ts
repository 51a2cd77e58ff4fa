import type { ChaosMemory } from './chaos.ts';
import type { KnownCount } from './elsewhere.ts';
import type { Estimate } from './estimate.ts';
import type { Instant } from './observation.ts';
import type { AlertMemory, Peaks, ScaleRecord, Spend } from './record.ts';

/** Looks in a row at which messages waited although the workers could hold more. */
export interface GroupMemory {
  /** Times of the first and of the last of these looks. */
  since: Instant;
  last: Instant;
  looks: number;
  /** At the last look: messages, or groups, that were worked on, and the number that the running workers could work on. */
  busy: number;
  slots: number;
  /** True when `busy` are groups as CloudWatch counted them. */
  measured?: true;
}

/**
 * The state that passes from tick to tick, as plain JSON. The status parameter holds the part that must survive a
 * restart (status.ts); the rest is rebuilt by watching for a while.
 */
export interface Memory {
  lastScaleUp?: ScaleRecord;
  lastScaleDown?: ScaleRecord;
  /** Counts proposed within the stabilization window that can still be its maximum. */
  window: Peaks;
  /** Ticks in a row whose observation failed. */
  failedTicks: number;
  alerts: Record<string, AlertMemory>;
  /** State of the estimate of load and service time; absent until a strategy of the policy needs it. */
  estimate?: Estimate;
  /**
   * Present until a tick has used a memory that was read back from a status: the time of its snapshot, 0 when there was none.
   * Counts that were proposed between that time and now are unknown.
   */
  snapshotAt?: Instant;
  /** The desired count as last seen or set; absent before the first look. */
  known?: KnownCount;
  /** Money spent today; absent without a budget. */
  spend?: Spend;
  /** Present while workers of FIFO queues idle although messages wait. */
  groups?: GroupMemory;
  /** Experiments; absent until the policy has any. */
  chaos?: ChaosMemory;
}
