/** The count that the scaling rules ask for: strategies propose, then guards change. Experiments come after, in decide.ts. */
import { count } from '../grammar/words.ts';
import type { BudgetState, Decision, GuardStep, Outcome, Proposal } from '../model/decision.ts';
import type { Memory } from '../model/memory.ts';
import type { Instant, Observation, QueueCounts } from '../model/observation.ts';
import { outlookOf } from './estimate/outlook.ts';
import type { Evidence } from './evidence.ts';
import { withGroups } from './groups.ts';
import { guard } from './guards/index.ts';
import { withPeak } from './peaks.ts';
import type { ScalingPolicy } from './schema.ts';
import { aimOf, propose } from './strategies/index.ts';
import { startTroubleOf } from './trouble.ts';

/** The part of a decision that the scaling rules make. */
export type Scaling = Pick<
  Decision,
  'current' | 'proposals' | 'guards' | 'desired' | 'outcome' | 'summary' | 'attainable'
>;

/**
 * Returns the scaling rules' part of the decision, and the memory with the rules' parts updated. Never throws: a reading
 * that is missing keeps the count, and the summary says so.
 */
export function scale(
  policy: ScalingPolicy,
  seen: Observation,
  evidence: Evidence,
  memory: Memory,
  now: Instant,
  budget?: BudgetState,
): { scaling: Scaling; memory: Memory } {
  const { spec } = policy;
  const { queue, queueProblem, backlog, service, serviceProblem } = evidence;
  if (spec.mode === 'paused') {
    const current = seen.service.ok ? { current: seen.service.value.desired } : {};
    const summary = 'no decision: the policy is paused';
    return { scaling: { ...current, proposals: [], guards: [], outcome: 'paused', summary }, memory };
  }
  if (seen.takenBy !== undefined) {
    const current = seen.service.ok ? { current: seen.service.value.desired } : {};
    const summary = `no decision: policy ${seen.takenBy} owns the service`;
    return { scaling: { ...current, proposals: [], guards: [], outcome: 'held', summary }, memory };
  }
  if (!service) {
    const summary = `no decision: ${serviceProblem}`;
    return { scaling: { proposals: [], guards: [], outcome: 'unobserved', summary }, memory };
  }

  const { desired: current, running, deploying } = service;
  const { minWorkers, maxWorkers, strategies, scaleDown } = spec.scaling;
  const oldestAge = seen.age?.ok ? seen.age.value?.seconds : undefined;
  const aim = backlog ? aimOf(strategies) : undefined;
  // At the first look after a restart, the current count is taken as needed: the fleet shrinks after a whole window only.
  const restarted = memory.snapshotAt === undefined ? undefined : current;
  const looked = queue || !backlog ? seen : withCounts(seen, backlog);
  const outlook = aim ? outlookOf(aim, spec, looked, memory.estimate, restarted, now) : undefined;
  const facts = { running, oldestAge, minWorkers, maxWorkers, now, outlook };
  const proposing = (from: number): Proposal[] =>
    backlog ? propose(strategies, { queue: queue ?? backlog, backlog, current: from, ...facts }) : [];
  const basis = basisOf(memory, current, proposing, spec.interval, now);
  const proposals = proposing(basis);
  const proposed = largest(proposals, basis);
  const stable = scaleDown.stabilizationWindow;
  const known = isStale(memory, spec.interval, now) ? withPeak(memory.window, current, now, stable) : memory.window;
  const window = queue ? withPeak(known, proposed, now, stable) : memory.window;
  // Counts that lack a queue teach nothing.
  const learned: Memory = outlook && queue ? { ...memory, window, estimate: outlook.estimate } : { ...memory, window };
  const after = withGroups(policy, seen, queue, service, learned, now);
  if (queue) delete after.snapshotAt;
  const guards = guard(proposed, {
    scaling: spec.scaling,
    current: basis,
    deploying,
    deployingSince: service.deployingSince,
    startTrouble: startTroubleOf(seen, service),
    queue,
    queueProblem,
    partial: queue === undefined && backlog !== undefined,
    alarms: seen.alarms,
    budget,
    interval: spec.interval,
    memory: after,
    now,
  });
  const desired = guards.at(-1)!.to;
  const outcome = outcomeOf(current, desired, proposed, queueProblem);
  const summary = summaryOf({ proposals, guards, current, desired, proposed, problem: queueProblem });
  const scaling: Scaling = { proposals, guards, current, desired, outcome, summary };
  if (outlook?.attainable) scaling.attainable = outlook.attainable;
  return { scaling, memory: after };
}

const largest = (proposals: readonly Proposal[], otherwise: number): number =>
  proposals.length > 0 ? Math.max(...proposals.map((p) => p.desired)) : otherwise;

/** A change by others is answered within this many milliseconds, or two intervals. After that, its count is a fact. */
const ANSWER_MS = 60_000;

/**
 * Returns the count that the rules go on from: the observed one. Where somebody else has just lowered it and it is too low, the
 * rules go on from the count before that, so that a deployment tool's reset is undone at once and not step by step.
 */
function basisOf(
  { known }: Memory,
  current: number,
  proposing: (from: number) => Proposal[],
  interval: number,
  now: Instant,
): number {
  const lowered = known?.unanswered;
  if (!lowered || lowered.to !== current || lowered.from < current) return current;
  if (now - lowered.at > Math.max(ANSWER_MS, 2 * interval)) return current;
  const needed = largest(proposing(current), current);
  return needed > current && largest(proposing(lowered.from), lowered.from) > needed ? lowered.from : current;
}

/** The look as it would be if the queues that were read were all. The least that is certain may add workers. */
const withCounts = (seen: Observation, value: QueueCounts): Observation => ({
  ...seen,
  queue: { ok: true, at: seen.queue.at, value },
});

/** Returns true when counts may have been proposed since the snapshot that a restarted process resumes from. */
const isStale = ({ snapshotAt }: Memory, interval: number, now: Instant): boolean =>
  snapshotAt !== undefined && now - snapshotAt > 1.5 * interval;

function outcomeOf(current: number, desired: number, proposed: number, problem: string | undefined): Outcome {
  if (desired > current) return 'scaleUp';
  if (desired < current) return 'scaleDown';
  return proposed === current && !problem ? 'steady' : 'held';
}

interface Chain {
  proposals: readonly Proposal[];
  guards: readonly GuardStep[];
  current: number;
  desired: number;
  proposed: number;
  problem: string | undefined;
}

/** One sentence: the count, the reason for it, and what the winning strategy proposed where a guard decided otherwise. */
function summaryOf({ proposals, guards, current, desired, proposed, problem }: Chain): string {
  const head = desired === current ? `keeps ${count(current, 'worker')}` : `${current} -> ${count(desired, 'worker')}`;
  const winner = proposals.find((p) => p.desired === proposed);
  const last = guards.findLast((g) => g.from !== g.to);
  if (!last && !problem) return winner ? `${head}: ${winner.strategy}: ${winner.because}` : `${head}: no strategy`;
  const reasons = [problem, last?.because].filter((reason) => reason !== undefined);
  return `${head}: ${reasons.join('; ')}${winner ? ` (${would(winner, current)})` : ''}`;
}

function would({ strategy, desired, because }: Proposal, current: number): string {
  if (desired === current) return `${strategy}: ${because}`;
  const verb = desired > current ? 'add' : 'remove';
  return `${strategy} would ${verb} ${Math.abs(desired - current)}: ${because}`;
}
