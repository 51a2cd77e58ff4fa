/** One tick of one run: it passes through as many phases as need no write in between. */
import { formatDuration } from '../../grammar/duration.ts';
import type { Action } from '../../model/action.ts';
import type { Instant, Observation } from '../../model/observation.ts';
import type { Run, RunVerdict } from '../../model/run.ts';
import type { RunContext, RunningFault } from '../fault.ts';
import { runningFault } from '../faults/index.ts';
import { stopReason } from '../preconditions.ts';
import type { ChaosPolicy } from '../schema.ts';
import { fingerprint } from './begin.ts';
import { judge } from './judge.ts';
import { measure, watch } from './measure.ts';

export interface AdvanceContext {
  policy: ChaosPolicy;
  seen: Observation;
  now: Instant;
  /** The count that the scaling rules ask for. */
  wanted: number;
  failedTicks: number;
}

/** This many failed writes in a row end a run. */
const MOST_FAILURES = 3;

/** Moves `run` on, changing it in place, and returns the writes that are due now. */
export function advance(run: Run, context: AdvanceContext): Action[] {
  const { seen, now, wanted, policy } = context;
  const fault = runningFault(run);
  if (!fault) return takeBack(run, `this version of Sluice does not know the fault ${run.fault} as planned`, now);
  watch(run, seen, now, policy.spec.interval);
  const at = { run, seen, now, wanted, policy: policy.metadata.name };
  measure(run, seen, now);
  if (run.injectedAt !== undefined && run.effectSeenAt === undefined && fault.isEffective(at)) run.effectSeenAt = now;
  if (run.phase === 'injecting' || run.phase === 'active') {
    if (run.injectedAt !== undefined && !fault.isOver(at)) noteMessages(run, seen);
    noteStanding(run, fault.isStanding(at));
    const undone = fault.disturbed(at);
    const reason = whyEnd(run, context) ?? (undone ? undefined : foreignDeployment(run, seen, fault));
    if (reason) cutShort(run, 'aborted', reason, now);
    else if (undone) {
      run.reason = 'undone';
      cutShort(run, 'inconclusive', `undone by somebody else: ${undone}`, now);
    }
  }
  return throughPhases(run, fault, at);
}

function throughPhases(run: Run, fault: RunningFault, at: RunContext): Action[] {
  const { now, seen } = at;
  if (run.phase === 'injecting') {
    const actions = fault.inject(at);
    if (actions.length > 0 || !fault.isInPlace(at)) return actions;
    run.phase = 'active';
    run.activeAt = now;
    const left = fault.left(at);
    if (left) run.left = left;
  }
  if (run.phase === 'active') {
    if (!fault.isOver(at)) return [];
    run.phase = 'reverting';
    // A fault that is over as soon as it is in place ended with its write, not when this tick saw it.
    run.endedAt = run.activeAt === now ? (run.injectedAt ?? now) : now;
  }
  if (run.phase === 'reverting') {
    if (!fault.isReverted(at)) return fault.revert(at);
    run.revertedAt = now;
    run.phase = run.verdict ? 'ended' : 'recovering';
  }
  if (run.phase === 'recovering') judge(run, seen, now, fault.isRecovered(at));
  return [];
}

/** Notes that there was something to cut off. Changes `run`. */
function noteMessages(run: Run, { queue }: Observation): void {
  const messages = queue.ok ? queue.value.visible + queue.value.inFlight : 0;
  if (messages > 0 || run.effectSeenAt !== undefined) delete run.idle;
}

/** Changes `run`. */
function noteStanding(run: Run, isStanding: boolean | undefined): void {
  if (run.injectedAt === undefined || isStanding === undefined) return;
  if (isStanding) {
    run.stood = true;
    delete run.missing;
  } else if (run.stood) run.missing = (run.missing ?? 0) + 1;
}

/** Ends a run early. Its fault is reverted, and `verdict` stands. */
export function cutShort(run: Run, verdict: RunVerdict, because: string, now: Instant): void {
  if (run.verdict) return;
  run.verdict = verdict;
  run.because = because;
  run.endedAt ??= now;
  run.phase = run.phase === 'recovering' ? 'ended' : 'reverting';
}

/** Ends a run without its fault's code, and reverts it by the writes that were stored with its intent. Changes `run`. */
export function takeBack(run: Run, because: string, now: Instant): Action[] {
  cutShort(run, 'interrupted', because, now);
  const { inverse = [], removedAt, failures } = run;
  if (run.phase === 'reverting' && inverse.length > 0 && (removedAt === undefined || failures !== undefined))
    return inverse;
  run.revertedAt ??= now;
  run.phase = 'ended';
  return [];
}

function whyEnd(run: Run, { policy, seen, now, failedTicks }: AdvanceContext): string | undefined {
  const { chaos, mode } = policy.spec;
  const experiment = chaos.experiments.find((e) => e.name === run.experiment);
  if (seen.takenBy !== undefined) return `policy ${seen.takenBy} owns the service`;
  if (!chaos.enabled) return 'spec.chaos.enabled was set to false';
  if (mode !== 'enforce') return `spec.mode was set to ${mode}`;
  if (!experiment) return 'the experiment was deleted';
  if (!experiment.enabled) return 'the experiment was switched off';
  if (fingerprint(experiment) !== run.spec) return 'the experiment was edited';
  if (now >= run.deadline) return `it took longer than its timeout of ${formatDuration(run.deadline - run.startedAt)}`;
  if ((run.failures ?? 0) >= MOST_FAILURES) return run.because ?? `${run.failures} writes in a row failed`;
  return stopReason({ policy, seen, experiment, failedTicks });
}

/** Returns a reason when somebody else started a deployment: they work on the service, and the experiment is in their way. */
function foreignDeployment(run: Run, { service }: Observation, { deploys }: RunningFault): string | undefined {
  const id = service.ok ? service.value.deployment : undefined;
  if (id === undefined || id === (run.ownDeployment ?? run.before.deployment)) return undefined;
  // The first new deployment after our write is ours, when the fault starts exactly one.
  if (deploys && run.ownDeployment === undefined && run.injectedAt !== undefined) {
    run.ownDeployment = id;
    return undefined;
  }
  return run.before.deployment === undefined ? undefined : `somebody started a deployment (${id})`;
}
