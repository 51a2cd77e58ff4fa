import { settle } from './chaos/engine/advance.ts';
import { holdsCount, isConcerned, stepChaos } from './chaos/engine/step.ts';
import type { ChaosMemory, Held } from './chaos/run.ts';
import type { WorkerPolicy } from './document/schema.ts';
import type { ActionResult } from './model/action.ts';
import type { Decision } from './model/decision.ts';
import type { Memory } from './model/memory.ts';
import type { Instant, Observation } from './model/observation.ts';
import { decideScaling } from './scaling/scale.ts';

/**
 * What follows from a policy and one look at the world: the one entry of this folder. Pure and deterministic: the same
 * four arguments give the same result, here, in `plan`, in the backtest and in `replay`.
 *
 * The returned memory does not count the decision as carried out; `conclude` does, once AWS has taken the change.
 */
export function decide(
  policy: WorkerPolicy,
  seen: Observation,
  memory: Memory,
  now: Instant,
): { decision: Decision; memory: Memory } {
  if (!isConcerned(policy, memory.chaos, seen.requests?.length ?? 0)) return decideScaling(policy, seen, memory, now);
  const held = memory.chaos?.held;
  // While an experiment holds the count, the rules go on from the count that they would have had.
  const scaled = held
    ? unlearned(decideScaling(policy, standIn(seen, held), { ...memory, ...scaleTimes(held) }, now), memory)
    : decideScaling(policy, seen, memory, now);
  const rules = scaled.decision;
  const { step, memory: chaos } = stepChaos({
    policy,
    seen,
    memory: memory.chaos,
    now,
    wanted: rules.desired,
    scaling: rules.desired !== rules.current,
    failedTicks: scaled.memory.failedTicks,
  });
  const decision = step.holds
    ? { ...heldDecision(rules, seen, step.holds, chaos), chaos: step }
    : { ...rules, observation: seen, chaos: step };
  return { decision, memory: remembered(scaled.memory, memory, chaos, rules, now) };
}

/** What workers do under an experiment teaches nothing of what they do without. */
function unlearned(scaled: ReturnType<typeof decide>, { estimate }: Memory): ReturnType<typeof decide> {
  const { estimate: _, ...rest } = scaled.memory;
  return { ...scaled, memory: estimate ? { ...rest, estimate } : rest };
}

/** The service as it would be if the rules had their way. */
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
  const injecting = runs.some((r) => holdsCount(r) && r.phase !== 'reverting');
  const desired = injecting ? 0 : rules.desired;
  const asked = rules.desired ?? 0;
  return {
    ...rest,
    observation: seen,
    ...(seen.service.ok ? { current: seen.service.value.desired } : {}),
    ...(desired === undefined ? {} : { desired }),
    guards: [...rules.guards, { guard: 'chaos', from: asked, to: desired ?? asked, because }],
    outcome: rules.outcome === 'unobserved' || rules.outcome === 'paused' ? rules.outcome : 'held',
    summary: `${because}; the rules ask for ${rules.desired ?? 'nothing'}: ${rules.summary}`,
  };
}

function remembered(next: Memory, before: Memory, chaos: ChaosMemory, rules: Decision, now: Instant): Memory {
  const { held, ...free } = chaos;
  if (!chaos.runs.some(holdsCount)) {
    // The count is the rules' own again, and so are the times of their changes.
    return { ...next, ...(held ? scaleTimes(held) : {}), chaos: free };
  }
  const times = held ?? scaleTimes(before);
  const count = rules.desired ?? held?.count ?? rules.current ?? 0;
  // In the first tick the rules have not lost the count yet: what they want is where they go on from.
  const pace = held ? scaleTimes(commit({ ...next, ...times }, rules)) : times;
  const { lastScaleUp: _, lastScaleDown: __, ...rest } = next;
  return { ...rest, ...scaleTimes(before), chaos: { ...free, held: { ...pace, count }, lookedAt: now } };
}

/** The memory once a decision's change of count has been made (or, in observe mode, would have been). */
export function commit(memory: Memory, decision: Decision): Memory {
  const { current: from, desired: to, at } = decision;
  if (decision.chaos?.holds || from === undefined || to === undefined || from === to) return memory;
  const record = { at, from, to };
  return to > from ? { ...memory, lastScaleUp: record } : { ...memory, lastScaleDown: record };
}

/** The memory after a tick's writes: a cooldown starts when the world has taken the change, not when it was meant. */
export function conclude(memory: Memory, decision: Decision, results: readonly ActionResult[], now: Instant): Memory {
  const scaling = results.filter((r) => r.action.run === undefined);
  const made = scaling.length > 0 && scaling.every((r) => r.outcome !== 'failed');
  const after = made ? commit(memory, decision) : memory;
  return after.chaos && results.length > 0 ? { ...after, chaos: settle(after.chaos, results, now) } : after;
}
