import type { Instant } from './observation.ts';

/** A change of the desired count that Sluice made, or in observe mode would have made. */
export interface ScaleRecord {
  at: Instant;
  from: number;
  to: number;
  /** True for a change that was only told, in observe mode. */
  would?: true;
}

/** Money spent on workers since midnight of the budget's time zone. */
export interface Spend {
  /** In the budget's currency. */
  spent: number;
  /** The last look; the workers since then are not charged yet. */
  at: Instant;
  /** Workers at that look, starting ones included. */
  workers: number;
}

export interface AlertMemory {
  /** Start of the unbroken time in which the condition has held. */
  since: Instant;
  firing: boolean;
}

/** A sliding maximum: entries whose times rise and whose counts fall, so that the first one is the largest. */
export type Peaks = [at: Instant, count: number][];
