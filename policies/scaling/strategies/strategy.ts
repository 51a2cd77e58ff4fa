/** The one interface of strategies. Each strategy is one file beside this one; the list of them is index.ts. */
import type { z } from 'zod';
import type { Finding } from '../../grammar/finding.ts';
import type { Instant, QueueCounts } from '../../model/observation.ts';
import type { Aim, Outlook } from '../estimate/outlook.ts';

/** The facts that a strategy may use. All numbers were read successfully and are fresh. */
export interface StrategyContext {
  /** With several queues the sum, or the sum of those that were read. */
  queue: QueueCounts;
  /** The counts for backlog rules: each queue times its weight. Without weights they are those of `queue`. */
  backlog: QueueCounts;
  /** The service's desired count. */
  current: number;
  /** Workers that run now. */
  running: number;
  /** Age of the oldest message in seconds; undefined when CloudWatch has no point. */
  oldestAge: number | undefined;
  minWorkers: number;
  maxWorkers: number;
  now: Instant;
  /** The estimate and its consequences, for a strategy that has an `aim`. */
  outlook: Outlook | undefined;
}

/** A count and the reason for it. Without a count, the strategy lacks a number that it needs, and abstains. */
export interface Advice {
  desired: number | undefined;
  because: string;
}

/** Readings that strategies need beyond the counts of queue and service. */
export interface ScalingReadings {
  /** The arrival rate that is usual at this time of day. */
  usual?: true;
  /** How many tasks are protected from scale-in. */
  protection?: true;
}

/** A strategy's part of the document. */
export interface SpecBase {
  type: string;
}

/** One strategy: `S` is its part of the document. Its functions are pure. */
export interface StrategyDefinition<S extends SpecBase> {
  type: S['type'];
  /** Grammar of the strategy's part of the document, with its defaults. */
  schema: z.ZodType<S>;
  requires?: ScalingReadings;
  /** Returns the aim of the estimate that the strategy works on. A policy has at most one strategy with an aim. */
  aim?(spec: S): Aim;
  /** The strategy counts capacity that is on its way, so that no cooldown is needed beside it. */
  pacesItself?: true;
  /** Returns problems of the document that the schema cannot express. Paths start at the strategy. */
  findings?(spec: S, bounds: { minWorkers: number; maxWorkers: number }): Finding[];
  /** Returns remarks on a valid document that has no other strategy. */
  warnings?(spec: S, bounds: { minWorkers: number; maxWorkers: number }): string[];
  propose(spec: S, context: StrategyContext): Advice;
}

/** A strategy as the rest of the room sees it: without the type of its document. */
export interface Strategy {
  type: string;
  requires: ScalingReadings;
  pacesItself: boolean;
  aim(spec: SpecBase): Aim | undefined;
  findings(spec: SpecBase, bounds: { minWorkers: number; maxWorkers: number }): Finding[];
  warnings(spec: SpecBase, bounds: { minWorkers: number; maxWorkers: number }): string[];
  propose(spec: SpecBase, context: StrategyContext): Advice;
}

/** Returns the strategy with the type of its document hidden, and with its schema for the document. */
export function defineStrategy<Schema extends z.ZodType<SpecBase>>(
  strategy: StrategyDefinition<z.output<Schema>> & { schema: Schema },
): Strategy & { schema: Schema } {
  const { type, schema, requires = {}, pacesItself = false } = strategy;
  type S = z.output<Schema>;
  const isMine = (spec: SpecBase): spec is S => spec.type === type;
  const mine = (spec: SpecBase): S => {
    if (!isMine(spec)) throw new Error(`${type} was given a ${spec.type}`);
    return spec;
  };
  return {
    type,
    schema,
    requires,
    pacesItself,
    aim: (spec) => strategy.aim?.(mine(spec)),
    findings: (spec, bounds) => strategy.findings?.(mine(spec), bounds) ?? [],
    warnings: (spec, bounds) => strategy.warnings?.(mine(spec), bounds) ?? [],
    propose: (spec, context) => strategy.propose(mine(spec), context),
  };
}
