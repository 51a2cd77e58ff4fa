import type { Instant } from '../model/observation.ts';
import type { Injection } from './schema.ts';

/**
 * Where a run is. Each arrow is idempotent, and a restart enters at the phase that was written down:
 * injecting -> active -> reverting -> recovering -> ended.
 */
export type Phase = 'injecting' | 'active' | 'reverting' | 'recovering' | 'ended';

/** passed and failed: of the hypothesis. aborted: ended early on purpose. interrupted: the process died meanwhile. */
export type RunVerdict = 'passed' | 'failed' | 'aborted' | 'interrupted';

/** One point of a run's chart: seconds since its start, visible messages, running and desired workers. */
export type Sample = [at: number, visible: number, running: number, desired: number];

export interface Run {
  /** Letters and digits. The same occurrence or request always has the same id. */
  id: string;
  experiment: string;
  /** stopTask, drain or partition. */
  fault: string;
  trigger: 'schedule' | 'request';
  /** What was going to be done, in words. */
  summary: string;
  phase: Phase;
  /** Fingerprint of the experiment's part of the document: an edit ends the run. */
  spec: number;
  injection: Injection;
  startedAt: Instant;
  /** At the latest then the fault is reverted, whatever else happens. */
  deadline: Instant;
  /** The first write of the fault has succeeded. */
  injectedAt?: Instant;
  /** The fault was seen to be in place. */
  activeAt?: Instant;
  /** The workers were seen to suffer. */
  effectSeenAt?: Instant;
  /** The revert began. */
  endedAt?: Instant;
  /** The first write of the revert has succeeded. */
  removedAt?: Instant;
  /** The fault was seen to be gone. */
  revertedAt?: Instant;
  recoveredAt?: Instant;
  /** What there was before. */
  before: { visible: number; desired: number; age?: number; deadLetters?: number; deployment?: string };
  /** The deployment that this run itself has started. */
  ownDeployment?: string;
  peak: { visible: number; age?: number };
  /** Tasks that this run stopped. */
  stopped?: number;
  /** Messages that came into the dead-letter queue meanwhile. */
  deadLetters?: number;
  /** Known before the end when the run was cut short. */
  verdict?: RunVerdict;
  because?: string;
  /** What is expected, copied so that the verdict can be read without the document. */
  hypothesis: { recoversWithin: number; maxOldestAge?: number; maxVisible?: number };
  /** Failed writes in a row. */
  failures?: number;
  /** Left in place on purpose by a process that went; the next one goes on. */
  handedOver?: true;
  samples?: Sample[];
}

/** Seconds from the fault's first write to the first sight of its effect. */
export const timeToDetect = ({ injectedAt, effectSeenAt }: Run): number | undefined =>
  injectedAt === undefined || effectSeenAt === undefined ? undefined : seconds(effectSeenAt - injectedAt);

/** Seconds from the fault's end to a steady service with the backlog of before. */
export const timeToRecover = ({ endedAt, recoveredAt }: Run): number | undefined =>
  endedAt === undefined || recoveredAt === undefined ? undefined : seconds(recoveredAt - endedAt);

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/** An occurrence that did not run, and which rail held it back. */
export interface Skipped {
  experiment: string;
  at: Instant;
  precondition: string;
  because: string;
}

/** What became of a request: each id is answered once. */
export interface Answer {
  id: string;
  accepted: boolean;
  because: string;
  /** The run that it started. */
  run?: string;
  /** Kept until the request itself has expired. */
  until: Instant;
}

/** The part of a policy's memory that experiments need. What a restart must know of it is in the status parameter. */
export interface ChaosMemory {
  runs: Run[];
  /** Ended runs, newest first. */
  recent: Run[];
  /** Occurrences up to here have been dealt with. */
  lookedAt?: Instant;
  /** When the last run ended; the cooldown counts from it. */
  lastEndedAt?: Instant;
  answers: Answer[];
  /** Occurrences that wait for their rails, by experiment. */
  due: Record<string, Instant>;
  skipped: Skipped[];
  /** The count that the scaling rules would have, while a fault holds the real one. */
  held?: Held;
  /** Read back after a restart, and not looked at since. */
  resumed?: true;
}

export interface Held {
  count: number;
  lastScaleUp?: { at: Instant; from: number; to: number };
  lastScaleDown?: { at: Instant; from: number; to: number };
}

export const emptyChaos = (): ChaosMemory => ({ runs: [], recent: [], answers: [], due: {}, skipped: [] });
