/** What a fault is. One file a fault in faults/; the list of them stands in schema.ts. */
import type { Action } from '../model/action.ts';
import type { Instant, Observation } from '../model/observation.ts';
import type { RequiredReadings } from '../model/required-readings.ts';
import type { Run } from './run.ts';

/** What is known when a run is planned. */
export interface PlanContext {
  seen: Observation;
  now: Instant;
  run: string;
  /** Seeded by the run's id: the same run chooses the same tasks. */
  random: () => number;
  policy: string;
  experiment: string;
  minHealthyWorkers: number;
}

/** What is known at each tick of a run. */
export interface RunContext {
  run: Run;
  seen: Observation;
  now: Instant;
  policy: string;
  /** The count that the scaling rules ask for now. */
  wanted: number;
}

export interface FaultFinding {
  path: string[];
  message: string;
  hint?: string;
}

/**
 * One fault, as pure functions over what was observed. All are level-triggered: they say what is still missing, so that
 * a tick may be lost or repeated at any point. `S` is the fault's part of the document; `I` is what was planned, small
 * plain JSON that is written down before anything is done, and holds all that the revert needs.
 */
export interface Fault<S, I> {
  /** What is wrong with its part of the document, beyond the shape; paths from the fault. */
  findings?(spec: S): FaultFinding[];
  /** Readings beside queue and service. */
  requiredReadings(spec: S): RequiredReadings;
  plan(spec: S, context: PlanContext): { injection: I; summary: string } | { refused: string; precondition?: string };
  /** Writes that are missing for the fault to be in place; none when it is. */
  inject(injection: I, context: RunContext): Action[];
  /** True when what `inject` wrote is seen to be in place. */
  isInPlace(injection: I, context: RunContext): boolean;
  /** True when the fault has lasted as long as it should. */
  isOver(injection: I, context: RunContext): boolean;
  /** Writes that are missing for everything to be as before, and whether it is seen to be so. */
  revert(injection: I, context: RunContext): { actions: Action[]; gone: boolean };
  /** True when the workers are seen to suffer. */
  isEffective(injection: I, context: RunContext): boolean;
  /** Further conditions of recovery, beyond a steady service and a backlog as before. */
  isRecovered?(injection: I, context: RunContext): boolean;
  /** Somebody else undid or changed what this run did. Ends the run. */
  disturbed?(injection: I, context: RunContext): string | undefined;
  /** What it writes makes ECS start a deployment; any other one is somebody else's. */
  deploys?(injection: I): boolean;
  /** The service's count belongs to the fault until it is reverted. */
  holdsCount?: true;
}
