import type { Instant } from './observation.ts';

/** A change of the desired count that Sluice made, or in observe mode would have made. */
export interface ScaleRecord {
  at: Instant;
  from: number;
  to: number;
  /** True for a change that was only told, in observe mode. */
  would?: true;
}

export interface AlertMemory {
  /** Start of the unbroken time in which the condition has held. */
  since: Instant;
  firing: boolean;
}

/** A sliding maximum: entries whose times rise and whose counts fall, so that the first one is the largest. */
export type Peaks = [at: Instant, count: number][];
