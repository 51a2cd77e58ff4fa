/** The one interface of faults. Each fault is one file in faults/; the list of them is faults/index.ts. */
import type { z } from 'zod';
import type { Finding } from '../grammar/finding.ts';
import type { Action } from '../model/action.ts';
import type { Instant, Observation } from '../model/observation.ts';
import type { RequiredReadings } from '../model/required-readings.ts';
import type { Run } from '../model/run.ts';

/** The facts with which a run is planned. */
export interface PlanContext {
  seen: Observation;
  now: Instant;
  /** The run's id. */
  run: string;
  /** Numbers in [0, 1), seeded by the run's id: the same run always chooses the same tasks. */
  random: () => number;
  policy: string;
  experiment: string;
  minHealthyWorkers: number;
}

/** The facts of one tick of a run. */
export interface RunContext {
  run: Run;
  seen: Observation;
  now: Instant;
  policy: string;
  /** The count that the scaling rules ask for now. */
  wanted: number;
}

export type Planned<I> = { injection: I; summary: string } | { refused: string; precondition?: string };

/** A fault's part of the document. Several faults may share one type, and then differ in `method`. */
export interface SpecBase {
  type: string;
  method?: string;
}

/**
 * One fault, as pure functions over observations. All are level-triggered: they return the writes that are still
 * missing, so that any tick may be lost or repeated. `S` is the fault's part of the document. `I` is its plan: small
 * plain JSON that is stored before the first write and that holds everything the revert needs.
 */
export interface FaultDefinition<S extends SpecBase, I> {
  type: S['type'];
  method?: S['method'];
  /** Grammar of the fault's part of the document, with its defaults. */
  schema: z.ZodType<S>;
  /** Grammar of the plan. A stored run whose plan does not fit belongs to another version of Sluice. */
  injection: z.ZodType<I>;
  /** Returns problems of the document that the schema cannot express. Paths start at the fault. */
  findings?(spec: S): Finding[];
  /** Returns remarks for the author of a valid document. */
  warnings?(spec: S): string[];
  /** Returns the parameters that the fault writes, with their places in the document. They must not be Sluice's own. */
  parameters?(spec: S): { path: string[]; name: string }[];
  /** Returns the milliseconds that the fault lasts. Default: 0, for a fault that ends by itself. */
  lasts?(spec: S): number;
  /** Returns the readings, beside queue and service, that the fault needs to start. */
  requiredReadings(spec: S): RequiredReadings;
  /** Returns the readings that the revert needs when the document no longer holds the experiment. */
  revertReadings?(injection: I): RequiredReadings;
  plan(spec: S, context: PlanContext): Planned<I>;
  /** Returns the writes that are missing for the fault to be in place; none when it is. */
  inject(injection: I, context: RunContext): Action[];
  /** Returns the run's new plan and count of stopped tasks once these writes of `inject` have succeeded. */
  recordApplied?(injection: I, applied: readonly Action[]): { injection: I; stopped?: number };
  /** Returns true when the writes of `inject` are seen to be in place. */
  isInPlace(injection: I, context: RunContext): boolean;
  /** Returns the workers that a fault in place should have removed and did not. Default: none. */
  left?(injection: I, context: RunContext): Run['left'];
  /** Returns true when the fault has lasted for its time. */
  isOver(injection: I, context: RunContext): boolean;
  /**
   * Returns the writes that take the fault back, whatever has become of it. They are stored with the run's intent, so
   * that a version of Sluice that does not know the fault can still revert it.
   */
  inverse(injection: I, run: string): Action[];
  /** Returns the writes that are missing for the former state. Default: `inverse`. */
  revert?(injection: I, context: RunContext): Action[];
  /** Returns true when the fault is seen to be gone. */
  isReverted(injection: I, context: RunContext): boolean;
  /** Returns true when an effect on the workers is seen. */
  isEffective(injection: I, context: RunContext): boolean;
  /** Returns true when the fault's own conditions of recovery hold, beyond a steady service and the former backlog. */
  isRecovered?(injection: I, context: RunContext): boolean;
  /** Returns whether a reading shows the fault in place; undefined when no reading tells. */
  isStanding?(injection: I, context: RunContext): boolean | undefined;
  /** Returns a sentence when somebody else undid or changed the fault. It ends the run. */
  disturbed?(injection: I, context: RunContext): string | undefined;
  /** Returns the part of the plan that is worth storing. Default: all of it. */
  stored?(injection: I): I;
  /** The fault hurts only a queue with messages: a run that saw none shows nothing. */
  needsMessages?: true;
  /** The fault makes ECS start a deployment. Without this, any new deployment is somebody else's and ends the run. */
  deploys?: true;
  /** Returns the desired count that the fault keeps until it is reverted. Without this, the scaling rules decide it. */
  holdsCount?(injection: I): number;
}

/** A fault bound to the part of a document that is its own. */
export interface PlannableFault {
  findings: Finding[];
  warnings: string[];
  parameters: { path: string[]; name: string }[];
  /** Milliseconds. */
  lasts: number;
  requiredReadings: RequiredReadings;
  plan(context: PlanContext): Planned<unknown>;
}

/** A fault bound to the plan of a run that is its own. */
export interface RunningFault {
  deploys: boolean;
  needsMessages: boolean;
  holdsCount: number | undefined;
  revertReadings: RequiredReadings;
  /** The part of the plan that is worth storing. */
  stored: unknown;
  inverse(run: string): Action[];
  inject(context: RunContext): Action[];
  recordApplied(applied: readonly Action[]): { injection: unknown; stopped?: number } | undefined;
  isInPlace(context: RunContext): boolean;
  left(context: RunContext): Run['left'];
  isOver(context: RunContext): boolean;
  revert(context: RunContext): Action[];
  isReverted(context: RunContext): boolean;
  isEffective(context: RunContext): boolean;
  isRecovered(context: RunContext): boolean;
  isStanding(context: RunContext): boolean | undefined;
  disturbed(context: RunContext): string | undefined;
}

/** A fault as the engine sees it: without the types of its document and of its plan. */
export interface Fault {
  ofSpec(spec: SpecBase): PlannableFault | undefined;
  ofRun(run: Pick<Run, 'fault' | 'injection'>): RunningFault | undefined;
}

/** Returns the fault with the types of its document and plan hidden, and with its schema for the document. */
export function defineFault<Schema extends z.ZodType<SpecBase>, I>(
  fault: FaultDefinition<z.output<Schema>, I> & { schema: Schema },
): Fault & { schema: Schema } {
  const isMine = (spec: SpecBase): spec is z.output<Schema> => spec.type === fault.type && spec.method === fault.method;
  return {
    schema: fault.schema,
    ofSpec: (spec) => (isMine(spec) ? bindSpec<z.output<Schema>, I>(fault, spec) : undefined),
    ofRun(run) {
      if (run.fault !== fault.type) return undefined;
      const plan = fault.injection.safeParse(run.injection);
      return plan.success ? bindPlan<z.output<Schema>, I>(fault, plan.data) : undefined;
    },
  };
}

function bindSpec<S extends SpecBase, I>(fault: FaultDefinition<S, I>, spec: S): PlannableFault {
  return {
    findings: fault.findings?.(spec) ?? [],
    warnings: fault.warnings?.(spec) ?? [],
    parameters: fault.parameters?.(spec) ?? [],
    lasts: fault.lasts?.(spec) ?? 0,
    requiredReadings: fault.requiredReadings(spec),
    plan: (context) => fault.plan(spec, context),
  };
}

function bindPlan<S extends SpecBase, I>(fault: FaultDefinition<S, I>, plan: I): RunningFault {
  return {
    deploys: fault.deploys === true,
    needsMessages: fault.needsMessages === true,
    holdsCount: fault.holdsCount?.(plan),
    revertReadings: fault.revertReadings?.(plan) ?? {},
    stored: fault.stored ? fault.stored(plan) : plan,
    inverse: (run) => fault.inverse(plan, run),
    inject: (context) => fault.inject(plan, context),
    recordApplied: (applied) => fault.recordApplied?.(plan, applied),
    isInPlace: (context) => fault.isInPlace(plan, context),
    left: (context) => fault.left?.(plan, context),
    isOver: (context) => fault.isOver(plan, context),
    revert: (context) => fault.revert?.(plan, context) ?? fault.inverse(plan, context.run.id),
    isReverted: (context) => fault.isReverted(plan, context),
    isEffective: (context) => fault.isEffective(plan, context),
    isRecovered: (context) => fault.isRecovered?.(plan, context) ?? true,
    isStanding: (context) => fault.isStanding?.(plan, context),
    disturbed: (context) => fault.disturbed?.(plan, context),
  };
}

/** Returns several faults as one: the first one that knows a document or a plan answers for it. */
export function anyOf(faults: readonly Fault[]): Fault {
  const first = <T>(pick: (fault: Fault) => T | undefined): T | undefined => {
    for (const fault of faults) {
      const found = pick(fault);
      if (found) return found;
    }
    return undefined;
  };
  return {
    ofSpec: (spec) => first((fault) => fault.ofSpec(spec)),
    ofRun: (run) => first((fault) => fault.ofRun(run)),
  };
}
