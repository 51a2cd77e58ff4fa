import type { ChaosMemory } from '../chaos/run.ts';
import type { Estimate } from '../scaling/estimate/estimate.ts';
import type { Instant } from './observation.ts';

/** A change of the desired count that Sluice made (or, in observe mode, would have made). */
export interface ScaleRecord {
  at: Instant;
  from: number;
  to: number;
}

export interface AlertMemory {
  /** Since when the condition has held without a break. */
  since: Instant;
  firing: boolean;
}

/**
 * What must survive from tick to tick, as plain JSON. The part that must survive a restart is in the status parameter
 * (status.ts); the rest is rebuilt by watching for a while.
 */
export interface Memory {
  lastScaleUp?: ScaleRecord;
  lastScaleDown?: ScaleRecord;
  /** Counts proposed within the stabilization window that could still be its maximum: times rise, counts fall. */
  window: [at: Instant, count: number][];
  /** Ticks in a row whose observation failed. */
  failedTicks: number;
  alerts: Record<string, AlertMemory>;
  /** What targetWait has learned; absent until the policy has that strategy. */
  estimate?: Estimate;
  /** Experiments; absent until the policy has any. */
  chaos?: ChaosMemory;
}

export function emptyMemory(): Memory {
  return { window: [], failedTicks: 0, alerts: {} };
}
