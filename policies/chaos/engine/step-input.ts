import type { ChaosMemory } from '../../model/chaos.ts';
import type { Instant, Observation } from '../../model/observation.ts';
import type { ChaosPolicy } from '../schema.ts';

/** The facts of one tick of all experiments of one policy. */
export interface StepInput {
  policy: ChaosPolicy;
  seen: Observation;
  memory: ChaosMemory | undefined;
  now: Instant;
  /** The count that the scaling rules ask for; undefined when they could not decide. */
  wanted: number | undefined;
  /** The scaling rules change the count in this tick. */
  scaling: boolean;
  failedTicks: number;
}
