import type { StrategySpec } from '../../document/schema.ts';
import type { Proposal } from '../../model/decision.ts';
import { backlogPerWorker } from './backlog-per-worker.ts';
import { schedule } from './schedule.ts';
import { step } from './step.ts';
import type { Advice, Strategy, StrategyContext } from './strategy.ts';
import { targetWait } from './target-wait.ts';
import { threshold } from './threshold.ts';

/** Every strategy by its `type`. A new one is a file beside these, a line here, and its schema in document.ts. */
const strategies: { [T in StrategySpec['type']]: Strategy<T> } = {
  threshold,
  backlogPerWorker,
  step,
  schedule,
  targetWait,
};

function advise<T extends StrategySpec['type']>(
  spec: Extract<StrategySpec, { type: T }>,
  context: StrategyContext,
): Advice {
  return (strategies[spec.type] as (s: typeof spec, c: StrategyContext) => Advice)(spec, context);
}

/** What each configured strategy asks for. One that lacks a number proposes the present count, so it never scales in. */
export function propose(specs: readonly StrategySpec[], context: StrategyContext): Proposal[] {
  return specs.map((spec) => {
    const { desired, because } = advise(spec, context);
    return desired === undefined
      ? { strategy: spec.type, desired: context.current, because, abstained: true }
      : { strategy: spec.type, desired, because };
  });
}
