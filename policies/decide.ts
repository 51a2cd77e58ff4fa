import { evaluateAlerts } from './alerts.ts';
import type { Decision, Outcome, Proposal } from './decision.ts';
import type { WorkerPolicy } from './document.ts';
import { formatDuration } from './duration.ts';
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
  const proposals = queue
    ? propose(strategies, { queue, current, running, oldestAge, minWorkers, maxWorkers, now })
    : [];
  const proposed = proposals.length > 0 ? Math.max(...proposals.map((p) => p.desired)) : current;
  const window = queue ? remember(memory, scaleDown.stabilisationWindow, proposed, now) : memory.window;
  const guards = guard(proposed, { policy, current, deploying, queue, queueProblem, memory: { ...next, window }, now });
  const desired = guards.at(-1)!.to;
  const outcome = outcomeOf(current, desired, proposed, queueProblem);
  const chain = { proposals, guards, current, desired, outcome };
  return {
    decision: { ...base, ...chain, summary: summarise(chain, proposed, queueProblem) },
    memory: { ...next, window },
  };
}

/** The memory once a decision's change of count has been made (or, in observe mode, would have been). */
export function commit(memory: Memory, decision: Decision): Memory {
  const { current: from, desired: to, at } = decision;
  if (from === undefined || to === undefined || from === to) return memory;
  const record = { at, from, to };
  return to > from ? { ...memory, lastScaleUp: record } : { ...memory, lastScaleDown: record };
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
