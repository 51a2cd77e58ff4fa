import type { Instant } from './observation.ts';

/** A change of the desired count that Sluice made (in observe mode: that it would have made). */
export interface ScaleRecord {
  at: Instant;
  from: number;
  to: number;
}

export interface AlertMemory {
  /** Start of the unbroken time in which the condition has held. */
  since: Instant;
  firing: boolean;
}

/** A sliding maximum: entries whose times rise and whose counts fall, so that the first one is the largest. */
export type Peaks = [at: Instant, count: number][];
