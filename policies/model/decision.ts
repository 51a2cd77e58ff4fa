import type { AlertState } from '../alerts.ts';
import type { ChaosStep } from '../chaos/engine/step.ts';
import type { Instant, Observation } from './observation.ts';

/** What one strategy asks for, and why. */
export interface Proposal {
  strategy: string;
  /** Workers asked for. */
  desired: number;
  because: string;
  /** True when the strategy lacked a number that it needs: it then proposes what is there. */
  abstained?: true;
}

/** What one guard did to the count on its way. `from === to` when it let it pass. */
export interface GuardStep {
  guard: string;
  from: number;
  to: number;
  because: string;
}

export type Outcome = 'scaleUp' | 'scaleDown' | 'steady' | 'held' | 'unobserved' | 'paused';

/**
 * Everything that led to a count. Log, status, dashboard, `plan`, `explain` and `replay` all read this one record;
 * nobody recomputes or rephrases it.
 */
export interface Decision {
  policy: string;
  generation: number;
  at: Instant;
  mode: 'enforce' | 'observe' | 'paused';
  observation: Observation;
  /** The service's desired count as observed; absent when it could not be read. */
  current?: number;
  proposals: Proposal[];
  guards: GuardStep[];
  /** The count to have; absent when nothing may be concluded (paused, or the service could not be read). */
  desired?: number;
  outcome: Outcome;
  /** One sentence: what and why. */
  summary: string;
  alerts: AlertState[];
  /** What experiments did in this tick; absent when there are none. */
  chaos?: ChaosStep;
}
