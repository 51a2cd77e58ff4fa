import type { Action } from './action.ts';
import type { Instant } from './observation.ts';
import type { ScaleRecord } from './record.ts';
import type { Run } from './run.ts';

/** An occurrence that did not become a run. */
export interface Skipped {
  experiment: string;
  at: Instant;
  /** Code of the precondition that did not hold, or `missed`, `intent`, `plan`. */
  precondition: string;
  because: string;
}

/** The answer to a request. Each request id is answered once. */
export interface Answer {
  id: string;
  accepted: boolean;
  because: string;
  /** Code of the precondition that did not hold, when the request was refused for one. */
  precondition?: string;
  /** The run that the request started. */
  run?: string;
  /** The answer is kept until the request itself has expired. */
  until: Instant;
}

/** The count that the scaling rules would have while an experiment holds the real one, with their cooldowns. */
export interface Held {
  count: number;
  lastScaleUp?: ScaleRecord;
  lastScaleDown?: ScaleRecord;
}

/** The part of a policy's memory that experiments need. The status parameter holds the part that a restart needs. */
export interface ChaosMemory {
  runs: Run[];
  /** Ended runs, newest first. */
  recent: Run[];
  /** Occurrences up to this time were dealt with. */
  lookedAt?: Instant;
  /** End of the last run; the cooldown counts from here. */
  lastEndedAt?: Instant;
  answers: Answer[];
  /** Occurrences that wait for their preconditions, by experiment. */
  due: Record<string, Instant>;
  skipped: Skipped[];
  held?: Held;
  /** The memory was read back after a restart and no tick has used it yet. */
  resumed?: true;
}

/** The part of a tick's decision that is about experiments. */
export interface ChaosStep {
  actions: Action[];
  started: Run[];
  running: Run[];
  ended: Run[];
  answers: Answer[];
  skipped: Skipped[];
  /** Why the runs that this tick planned were not started: their intents could not be stored. */
  startAborted?: string;
  /** The message of a defect that stopped this tick's experiments. Scaling went on without them. */
  failed?: string;
  /** Names the experiment that decides the service's count; absent when the scaling rules decide it. */
  holds?: string;
}
