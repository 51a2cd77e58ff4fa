/** The list of strategies: a new one is its own file and one line here. */
import { z } from 'zod';
import { schemasOf } from '../../grammar/schemas.ts';
import type { Proposal } from '../../model/decision.ts';
import type { Aim } from '../estimate/outlook.ts';
import { backlogPerWorker } from './backlog-per-worker.ts';
import { schedule } from './schedule.ts';
import { step } from './step.ts';
import type { Advice, ScalingReadings, Strategy, StrategyContext } from './strategy.ts';
import { targetWait } from './target-wait.ts';
import { threshold } from './threshold.ts';

const STRATEGIES = [threshold, backlogPerWorker, step, schedule, targetWait] as const;

export const strategySchema = z.discriminatedUnion('type', schemasOf(STRATEGIES));
export type StrategySpec = z.output<typeof strategySchema>;

const byType = new Map<string, Strategy>(STRATEGIES.map((strategy) => [strategy.type, strategy]));

/** Returns the strategy that a part of a document names. The schema admits no other. */
export function strategyOf({ type }: Pick<StrategySpec, 'type'>): Strategy {
  const found = byType.get(type);
  if (!found) throw new Error(`no strategy ${type}`);
  return found;
}

/** Returns the readings that these strategies need beyond the counts of queue and service. */
export const scalingReadings = (specs: readonly StrategySpec[]): ScalingReadings =>
  Object.assign({}, ...specs.map((spec) => strategyOf(spec).requires));

/** Returns the aim of the estimate; undefined when no strategy works on one. */
export function aimOf(specs: readonly StrategySpec[]): Aim | undefined {
  for (const spec of specs) {
    const aim = strategyOf(spec).aim(spec);
    if (aim) return aim;
  }
  return undefined;
}

const abstention = ({ type }: StrategySpec, { current }: StrategyContext, because: string): Proposal => ({
  strategy: type,
  desired: current,
  because,
  abstained: true,
});

/** Rules of backlog count messages by weight; the estimate counts them as they are. */
function adviceOf(spec: StrategySpec, context: StrategyContext): Advice {
  const strategy = strategyOf(spec);
  const { queue, backlog } = context;
  if (strategy.aim(spec) || backlog === queue) return strategy.propose(spec, context);
  const { desired, because } = strategy.propose(spec, { ...context, queue: backlog });
  const isWeighted = backlog.visible !== queue.visible || backlog.inFlight !== queue.inFlight;
  return { desired, because: isWeighted ? `${because} (by weight)` : because };
}

/** Returns the count that each strategy proposes. One that abstains proposes the current count, so it never scales in. */
export function propose(specs: readonly StrategySpec[], context: StrategyContext): Proposal[] {
  return specs.map((spec) => {
    const { desired, because } = adviceOf(spec, context);
    if (desired === undefined) return abstention(spec, context, because);
    // A defect of a strategy must not become a count.
    if (!Number.isSafeInteger(desired) || desired < 0)
      return abstention(spec, context, `it computed ${desired}, which is no count of workers (a defect of Sluice)`);
    return { strategy: spec.type, desired, because };
  });
}
