import type { Action } from './action.ts';
import type { Instant } from './observation.ts';

/**
 * The phases of a run, in their order. Each step is idempotent, and a restart goes on at the phase that was stored:
 * injecting -> active -> reverting -> recovering -> ended.
 */
export type Phase = 'injecting' | 'active' | 'reverting' | 'recovering' | 'ended';

/**
 * `passed` and `failed` judge the hypothesis. `inconclusive`: the hypothesis can be judged neither way; `reason` says why. `aborted`: the run was ended early on purpose. `interrupted`: the process ended while the fault
 * was in place.
 */
export type RunVerdict = 'passed' | 'failed' | 'inconclusive' | 'aborted' | 'interrupted';

/** Why a run is inconclusive: somebody undid the fault, no message came that it could have hurt, or nobody was watching. */
export type Inconclusive = 'undone' | 'noMessages' | 'unobserved';

/** One point of a run's chart: seconds since its start, visible messages, running workers, desired workers. */
export type Sample = [at: number, visible: number, running: number, desired: number];

/** One execution of an experiment. */
export interface Run {
  /** Letters and digits. The same occurrence or request always has the same id. */
  id: string;
  experiment: string;
  /** The fault's `type`. Another version of Sluice may know types that this one does not. */
  fault: string;
  trigger: 'schedule' | 'request';
  /** One phrase that tells which change was planned. */
  summary: string;
  phase: Phase;
  /** Fingerprint of the experiment in the document. An edit changes it and so ends the run. */
  spec: number;
  /** The fault's plan as plain JSON. Only the fault itself reads it, through its own schema. */
  injection: unknown;
  /** The writes that take the fault back, as they were stored before its first write. */
  inverse?: Action[];
  /** The desired count that the fault keeps until it is reverted; absent when the scaling rules decide it. */
  holdsCount?: number;
  startedAt: Instant;
  /** The fault is reverted at this time at the latest. */
  deadline: Instant;
  /** The first write of the fault succeeded. */
  injectedAt?: Instant;
  /** The fault was seen to be in place. */
  activeAt?: Instant;
  /** An effect on the workers was seen. */
  effectSeenAt?: Instant;
  /** The revert began. */
  endedAt?: Instant;
  /** The first write of the revert succeeded. */
  removedAt?: Instant;
  /** The fault was seen to be gone. */
  revertedAt?: Instant;
  recoveredAt?: Instant;
  /** Measurements before the fault: messages, workers, seconds of age. */
  before: { visible: number; desired: number; age?: number; deadLetters?: number; deployment?: string };
  /** The deployment that this run itself started. */
  ownDeployment?: string;
  /** Largest values since the start: visible messages, seconds of age. */
  peak: { visible: number; age?: number };
  /** Workers that were still there when a drain's hold began, those known to be protected, and the wait in milliseconds. */
  left?: { workers: number; protected?: number; after: number };
  /** Tasks that this run stopped. */
  stopped?: number;
  /** Messages that reached the dead-letter queue since the start. */
  deadLetters?: number;
  /** Set before the end when the run was cut short. */
  verdict?: RunVerdict;
  because?: string;
  /** Code of an inconclusive verdict. */
  reason?: Inconclusive;
  /** The fault was seen to be in place after its write. */
  stood?: true;
  /** Looks in a row that did not show the fault although it should be in place. */
  missing?: number;
  /** The fault hurts only where messages are, and none was seen yet while it was in place. */
  idle?: true;
  /** Copy of the experiment's hypothesis (milliseconds, messages), so that the verdict is readable without the document. */
  hypothesis: { recoversWithin: number; maxOldestAge?: number; maxVisible?: number };
  /** The last time at which queue and service were both read. */
  seenAt?: Instant;
  /** The longest time without such a reading, when it was longer than two ticks. Milliseconds. */
  unseen?: number;
  /** Failed writes in a row. */
  failures?: number;
  /** The process that ended left the fault in place on purpose; the next process continues the run. */
  handedOver?: true;
  samples?: Sample[];
}
