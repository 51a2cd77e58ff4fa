import type { ActionResult } from './action.ts';
import { evaluateAlerts } from './alerts.ts';
import { settle } from './chaos/advance.ts';
import type { ChaosMemory, Held } from './chaos/run.ts';
import { holdsCount, isConcerned, stepChaos } from './chaos/step.ts';
import type { Decision, Outcome, Proposal } from './decision.ts';
import type { WorkerPolicy } from './document.ts';
import { formatDuration } from './duration.ts';
import { outlookOf } from './estimate/outlook.ts';
import { guard } from './guards/index.ts';
import { remember } from './guards/stabilisation.ts';
import type { Memory } from './memory.ts';
import type { Instant, Observation, Reading } from './observation.ts';
import { propose } from './strategies/index.ts';

/** A reading is stale when it is older than three ticks; with short ticks than this many milliseconds. */
const LEAST_STALE_MS = 30_000;

/**
 * What follows from a policy and one look at the world: the one entry of this folder. Pure and deterministic: the same
 * four arguments give the same result, here, in `plan`, in the backtest and in `replay`.
 *
 * The returned memory does not count the decision as carried out; `commit` does, once the world has taken it.
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
    outcome: rules.outcome === 'blind' || rules.outcome === 'paused' ? rules.outcome : 'held',
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

/** The scaling rules alone. */
function decideScaling(
  policy: WorkerPolicy,
  seen: Observation,
  memory: Memory,
  now: Instant,
): { decision: Decision; memory: Memory } {
  const queueProblem = problemWith(seen.queue, 'queue', policy, now);
  const serviceProblem = problemWith(seen.service, 'service', policy, now);
  const failedTicks = queueProblem || serviceProblem ? memory.failedTicks + 1 : 0;
  const counted: Memory = { ...memory, failedTicks };
  const alerts = evaluateAlerts(policy, seen, counted, now);
  const base = {
    policy: policy.metadata.name,
    generation: policy.metadata.generation,
    at: now,
    mode: policy.spec.mode,
    observation: seen,
    alerts: alerts.states,
  };
  const next: Memory = { ...counted, alerts: alerts.memory };

  if (policy.spec.mode === 'paused') {
    const current = seen.service.ok ? { current: seen.service.value.desired } : {};
    const summary = 'paused: nothing is decided';
    return { decision: { ...base, ...current, proposals: [], guards: [], outcome: 'paused', summary }, memory: next };
  }
  if (serviceProblem || !seen.service.ok) {
    const summary = `no decision: ${serviceProblem}`;
    return { decision: { ...base, proposals: [], guards: [], outcome: 'blind', summary }, memory: next };
  }

  const { desired: current, running, deploying } = seen.service.value;
  const queue = !queueProblem && seen.queue.ok ? seen.queue.value : undefined;
  const { minWorkers, maxWorkers, strategies, scaleDown } = policy.spec.scaling;
  const oldestAge = seen.age?.ok ? seen.age.value?.seconds : undefined;
  const outlook = queue ? outlookOf(policy, seen, memory.estimate, now) : undefined;
  const proposals = queue
    ? propose(strategies, { queue, current, running, oldestAge, minWorkers, maxWorkers, now, outlook })
    : [];
  const proposed = proposals.length > 0 ? Math.max(...proposals.map((p) => p.desired)) : current;
  const window = queue ? remember(memory, scaleDown.stabilisationWindow, proposed, now) : memory.window;
  const after: Memory = outlook ? { ...next, window, estimate: outlook.estimate } : { ...next, window };
  const guards = guard(proposed, { policy, current, deploying, queue, queueProblem, memory: after, now });
  const desired = guards.at(-1)!.to;
  const outcome = outcomeOf(current, desired, proposed, queueProblem);
  const summary = summarise({ proposals, guards, current, desired, outcome }, proposed, queueProblem);
  // Spelt out: a spread of both costs more than all of the rules together.
  const { policy: name, generation, at, mode, observation, alerts: states } = base;
  const decided = { proposals, guards, current, desired, outcome, summary };
  return {
    decision: { policy: name, generation, at, mode, observation, alerts: states, ...decided },
    memory: after,
  };
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

function problemWith(reading: Reading<unknown>, what: string, policy: WorkerPolicy, now: Instant): string | undefined {
  if (!reading.ok) return `the ${what} could not be read (${reading.failure.code}: ${reading.failure.message})`;
  const limit = Math.max(LEAST_STALE_MS, 3 * policy.spec.interval);
  const age = now - reading.at;
  return age > limit ? `the ${what} was last read ${formatDuration(age)} ago` : undefined;
}

interface Chain {
  proposals: Proposal[];
  guards: Decision['guards'];
  current: number;
  desired: number;
  outcome: Outcome;
}

function outcomeOf(current: number, desired: number, proposed: number, problem: string | undefined): Outcome {
  if (desired > current) return 'scaleUp';
  if (desired < current) return 'scaleDown';
  return proposed === current && !problem ? 'steady' : 'held';
}

/** What happens, then the winning strategy's reason or why none was asked, then each guard that changed the count. */
function summarise(chain: Chain, proposed: number, problem: string | undefined): string {
  const { proposals, guards, current, desired, outcome } = chain;
  const winner = proposals.find((p) => p.desired === proposed);
  const head = desired === current ? `${current} workers` : `${current} -> ${desired} workers`;
  const reasons = guards.filter((g) => g.from !== g.to).map((g) => `${g.guard} ${g.from} -> ${g.to}: ${g.because}`);
  if (winner) reasons.unshift(`${winner.strategy}: ${winner.because}`);
  if (problem) reasons.unshift(problem);
  return [outcome === 'held' ? `held at ${head}` : head, ...reasons].join('; ');
}
