import { evaluateAlerts } from './alerts.ts';
import { isConcerned, stepChaos } from './chaos/engine/step.ts';
import { isHolding } from './chaos/run.ts';
import { withChange } from './conclude.ts';
import type { WorkerPolicy } from './document/schema.ts';
import { changedWords, noticeCount } from './elsewhere.ts';
import type { ChaosMemory, ChaosStep, Held } from './model/chaos.ts';
import type { Decision } from './model/decision.ts';
import type { Memory } from './model/memory.ts';
import type { Instant, Observation } from './model/observation.ts';
import { budgetStateOf, withSpend } from './scaling/budget.ts';
import { evidenceOf } from './scaling/evidence.ts';
import { scale } from './scaling/scale.ts';

export interface Decided {
  decision: Decision;
  memory: Memory;
}

/**
 * Returns the decision that follows from a policy and one look at the world: the one entry of this folder. Pure and
 * deterministic: the same four arguments give the same result in the loop, in `plan`, in the backtest and in `replay`.
 *
 * The returned memory does not count the decision as carried out. `conclude` does, once the world has taken it.
 */
export function decide(policy: WorkerPolicy, seen: Observation, before: Memory, now: Instant): Decided {
  const { memory, changed } = noticeCount(policy, seen, before, now);
  const decided = decideAll(policy, seen, withSpend(policy, seen, memory, now), now);
  if (!changed) return decided;
  const { summary, ...decision } = decided.decision;
  return {
    ...decided,
    decision: { ...decision, changedElsewhere: changed, summary: `${changedWords(changed)}; ${summary}` },
  };
}

function decideAll(policy: WorkerPolicy, seen: Observation, memory: Memory, now: Instant): Decided {
  if (!isConcerned(policy, memory.chaos, seen.requests?.length ?? 0)) return decideScaling(policy, seen, memory, now);
  const held = memory.chaos?.held;
  // While an experiment holds the count, the rules go on from the count that they would have had.
  const scaled = held
    ? unlearned(decideScaling(policy, standIn(seen, held), { ...memory, ...scaleTimes(held) }, now), memory)
    : decideScaling(policy, seen, memory, now);
  const rules = scaled.decision;
  const chaosInput = {
    policy,
    seen,
    memory: memory.chaos,
    now,
    wanted: rules.desired,
    scaling: rules.desired !== rules.current,
    failedTicks: scaled.memory.failedTicks,
  };
  const stepped = attempt(() => stepChaos(chaosInput));
  if ('failed' in stepped) return withoutChaos(decideScaling(policy, seen, memory, now), memory, stepped.failed);
  const { step, memory: chaos } = stepped.value;
  const decision = step.holds
    ? { ...heldDecision(rules, seen, step.holds, chaos), chaos: step }
    : { ...rules, observation: seen, chaos: step };
  return { decision, memory: remembered(scaled.memory, memory, chaos, rules, now) };
}

function attempt<T>(run: () => T): { value: T } | { failed: string } {
  try {
    return { value: run() };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

/** A defect in the code of experiments stops experiments only: scaling goes on, and running ones are not forgotten. */
function withoutChaos({ decision, memory }: Decided, before: Memory, failed: string): Decided {
  const running = before.chaos?.runs ?? [];
  const step: ChaosStep = { actions: [], started: [], running, ended: [], answers: [], skipped: [], failed };
  return { decision: { ...decision, chaos: step }, memory };
}

/** The decision of the scaling rules alone, as if there were no experiments. */
function decideScaling(policy: WorkerPolicy, seen: Observation, memory: Memory, now: Instant): Decided {
  const { metadata, spec } = policy;
  const evidence = evidenceOf(seen, spec.interval, now);
  const failed = evidence.queueProblem !== undefined || evidence.serviceProblem !== undefined;
  const failedTicks = failed ? memory.failedTicks + 1 : 0;
  const alerts = evaluateAlerts(spec.alerts, seen, memory.alerts, failedTicks, now);
  const { budget: limit } = spec.scaling;
  const budget = limit && memory.spend ? budgetStateOf(limit, spec.scaling, memory.spend, now) : undefined;
  const { scaling, memory: after } = scale(policy, seen, evidence, memory, now, budget);
  // Spelled out: a spread costs more than all of the rules together.
  const { proposals, guards, current, desired, outcome, summary, attainable } = scaling;
  const decision: Decision = {
    policy: metadata.name,
    generation: metadata.generation,
    at: now,
    mode: spec.mode,
    observation: seen,
    alerts: alerts.states,
    proposals,
    guards,
    outcome,
    summary,
  };
  if (current !== undefined) decision.current = current;
  if (desired !== undefined) decision.desired = desired;
  if (budget) decision.budget = budget;
  if (evidence.at !== undefined) decision.evidenceAt = evidence.at;
  if (attainable) decision.attainable = attainable;
  return { decision, memory: { ...after, failedTicks, alerts: alerts.memory } };
}

/** The workers' behavior under an experiment teaches nothing of their behavior without one. */
function unlearned(scaled: Decided, { estimate, groups }: Memory): Decided {
  const { estimate: _, groups: __, ...rest } = scaled.memory;
  return { ...scaled, memory: { ...rest, ...(estimate ? { estimate } : {}), ...(groups ? { groups } : {}) } };
}

/** The service as it would be if the rules decided its count. */
function standIn(seen: Observation, { count }: Held): Observation {
  if (!seen.service.ok) return seen;
  const value = { ...seen.service.value, desired: count, running: count, pending: 0, deploying: false };
  return { ...seen, service: { ...seen.service, value } };
}

const scaleTimes = ({ lastScaleUp, lastScaleDown }: Pick<Memory, 'lastScaleUp' | 'lastScaleDown'>) => ({
  ...(lastScaleUp ? { lastScaleUp } : {}),
  ...(lastScaleDown ? { lastScaleDown } : {}),
});

/** The rules' whole chain of reasons, and at its end the experiment that overrules it. */
function heldDecision(rules: Decision, seen: Observation, because: string, { runs }: ChaosMemory): Decision {
  const { current: _, ...rest } = rules;
  const holder = runs.find((r) => isHolding(r) && r.phase !== 'reverting');
  const desired = holder?.holdsCount ?? rules.desired;
  const asked = rules.desired ?? 0;
  return {
    ...rest,
    observation: seen,
    ...(seen.service.ok ? { current: seen.service.value.desired } : {}),
    ...(desired === undefined ? {} : { desired }),
    guards: [...rules.guards, { guard: 'chaos', from: asked, to: desired ?? asked, because }],
    outcome: rules.outcome === 'unobserved' || rules.outcome === 'paused' ? rules.outcome : 'held',
    summary: `${because}; without the experiment: ${rules.summary}`,
  };
}

function remembered(next: Memory, before: Memory, chaos: ChaosMemory, rules: Decision, now: Instant): Memory {
  const { held, ...free } = chaos;
  if (!chaos.runs.some(isHolding)) {
    // The count is the rules' own again, and so are the times of their changes.
    return { ...next, ...(held ? scaleTimes(held) : {}), chaos: free };
  }
  const times = held ?? scaleTimes(before);
  const count = rules.desired ?? held?.count ?? rules.current ?? 0;
  // In the first tick the rules have not lost the count yet: they go on from the count that they ask for.
  const pace = held ? scaleTimes(withChange({ ...next, ...times }, rules)) : times;
  const { lastScaleUp: _, lastScaleDown: __, ...rest } = next;
  return { ...rest, ...scaleTimes(before), chaos: { ...free, held: { ...pace, count }, lookedAt: now } };
}
