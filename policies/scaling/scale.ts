/** What the scaling rules alone ask for: strategies, then guards. Experiments come after, in decide.ts. */
import { evaluateAlerts } from '../alerts.ts';
import type { WorkerPolicy } from '../document/schema.ts';
import { formatDuration } from '../grammar/duration.ts';
import type { Decision, Outcome, Proposal } from '../model/decision.ts';
import type { Memory } from '../model/memory.ts';
import type { Instant, Observation, Reading } from '../model/observation.ts';
import { outlookOf } from './estimate/outlook.ts';
import { guard } from './guards/index.ts';
import { remember } from './guards/stabilization.ts';
import { propose } from './strategies/index.ts';

/** A reading is stale when it is older than three ticks; with short ticks than this many milliseconds. */
const LEAST_STALE_MS = 30_000;

/** Never errors; what could not be read is held, and said. */
export function decideScaling(
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
    return { decision: { ...base, proposals: [], guards: [], outcome: 'unobserved', summary }, memory: next };
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
  const window = queue ? remember(memory, scaleDown.stabilizationWindow, proposed, now) : memory.window;
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
