/** The list of faults: a new one is its own file and one line here. */
import { z } from 'zod';
import { schemasOf } from '../../grammar/schemas.ts';
import type { Run } from '../../model/run.ts';
import { anyOf, type Fault, type PlannableFault, type RunningFault } from '../fault.ts';
import { drain } from './drain.ts';
import { partition } from './partition/index.ts';
import { stopTask } from './stop-task.ts';

const FAULTS = [stopTask, drain, partition] as const;

export const faultSchema = z.discriminatedUnion('type', schemasOf(FAULTS));
export type FaultSpec = z.output<typeof faultSchema>;

const faults: Fault = anyOf(FAULTS);

/** Returns the fault that a part of a document describes. The schema admits no other. */
export function faultOf(spec: FaultSpec): PlannableFault {
  const found = faults.ofSpec(spec);
  if (!found) throw new Error(`no fault for ${JSON.stringify(spec)}`);
  return found;
}

/** Returns the fault of a run, bound to its plan; undefined when another version of Sluice planned the run. */
export const runningFault = (run: Pick<Run, 'fault' | 'injection'>): RunningFault | undefined => faults.ofRun(run);
