import type { Attainable } from './attainable.ts';
import type { ChaosStep } from './chaos.ts';
import type { ChangedElsewhere } from './elsewhere.ts';
import type { Instant, Observation } from './observation.ts';

/** The count that one strategy proposes, with its reason. */
export interface Proposal {
  strategy: string;
  /** Workers. */
  desired: number;
  because: string;
  /** True when the strategy lacked a number that it needs. It then proposes the current count. */
  abstained?: true;
}

/** The effect of one guard on the count. `from === to` when the guard let it pass. */
export interface GuardStep {
  guard: string;
  from: number;
  to: number;
  because: string;
}

/** An alert of the policy whose condition holds now. */
export interface AlertState {
  name: string;
  severity: 'warning' | 'critical';
  /** False until the condition has held for the alert's `for`. */
  firing: boolean;
  since: Instant;
  message: string;
}

/** How far the budget of the present day is used. Amounts are in its currency. */
export interface BudgetState {
  currency: string;
  perDay: number;
  spent: number;
  /** The amount at the end of the day if the present workers stay. */
  foreseen: number;
  /** Midnight in the budget's time zone. */
  dayEnds: Instant;
  /** Workers that the budget allows now; `maxWorkers` while it does not limit them. */
  most: number;
  /** `near`: the money left pays for maxWorkers for less than two hours; `limited`: for less than one. */
  state: 'within' | 'near' | 'limited';
}

export type Outcome = 'scaleUp' | 'scaleDown' | 'steady' | 'held' | 'unobserved' | 'paused';

/**
 * The record of everything that led to a count. Log, status, page, `plan`, `explain` and `replay` read this one record;
 * none of them computes or words anything of it again.
 */
export interface Decision {
  policy: string;
  /** Version of the policy that decided. */
  generation: number;
  at: Instant;
  mode: 'enforce' | 'observe' | 'paused';
  observation: Observation;
  /** The service's desired count as observed; absent when it could not be read. */
  current?: number;
  proposals: Proposal[];
  guards: GuardStep[];
  /** The count to have; absent when no count was decided (the policy is paused, or the service could not be read). */
  desired?: number;
  outcome: Outcome;
  /** The older one of the times at which queue and service were read; absent when one of them could not be read. */
  evidenceAt?: Instant;
  /** One sentence that tells the count and the reason. */
  summary: string;
  alerts: AlertState[];
  /** Present when a strategy has an objective that cannot be met as things are. */
  attainable?: Attainable;
  /** A change of the desired count by somebody else that this tick found. */
  changedElsewhere?: ChangedElsewhere;
  /** Absent without a budget. */
  budget?: BudgetState;
  /** Experiments in this tick; absent when the policy has nothing to do with experiments. */
  chaos?: ChaosStep;
}
