/** One run, one tick further: through as many phases as need no write in between. */

import type { WorkerPolicy } from '../../document/schema.ts';
import { formatDuration } from '../../grammar/duration.ts';
import type { Action, ActionResult } from '../../model/action.ts';
import type { Instant, Observation } from '../../model/observation.ts';
import { stopReason } from '../preconditions.ts';
import { type ChaosMemory, type Run, type RunVerdict, timeToRecover } from '../run.ts';
import { faultOf } from '../schema.ts';
import { fingerprint } from './begin.ts';

export interface AdvanceContext {
  policy: WorkerPolicy;
  seen: Observation;
  now: Instant;
  /** The count that the scaling rules ask for. */
  wanted: number;
  failedTicks: number;
}

/** So many failed writes in a row end a run. */
const MOST_FAILURES = 3;
const MOST_SAMPLES = 32;

/** Changes `run` in place; returns the writes that are due now. */
export function advance(run: Run, context: AdvanceContext): Action[] {
  const { seen, now, wanted, policy } = context;
  const fault = faultOf(run.injection.type);
  const at = { run, seen, now, wanted, policy: policy.metadata.name };
  observe(run, seen, now);
  if (run.injectedAt !== undefined && run.effectSeenAt === undefined && fault.isEffective(run.injection, at))
    run.effectSeenAt = now;
  if (run.phase === 'injecting' || run.phase === 'active') {
    const reason = whyEnd(run, context) ?? foreignDeployment(run, seen) ?? fault.disturbed?.(run.injection, at);
    if (reason) cutShort(run, 'aborted', reason, now);
  }
  if (run.phase === 'injecting') {
    const actions = fault.inject(run.injection, at);
    if (actions.length > 0 || !fault.isInPlace(run.injection, at)) return actions;
    run.phase = 'active';
    run.activeAt = now;
  }
  if (run.phase === 'active') {
    if (!fault.isOver(run.injection, at)) return [];
    run.phase = 'reverting';
    // A fault that is over as soon as it is in place ended when it was made, not when we saw it.
    run.endedAt = run.activeAt === now ? (run.injectedAt ?? now) : now;
  }
  if (run.phase === 'reverting') {
    const { actions, gone } = fault.revert(run.injection, at);
    if (!gone) return actions;
    run.revertedAt = now;
    run.phase = run.verdict ? 'ended' : 'recovering';
  }
  if (run.phase === 'recovering') judge(run, seen, now, fault.isRecovered?.(run.injection, at) ?? true);
  return [];
}

/** Ends a run early: what it did is reverted, and `verdict` stands. */
export function cutShort(run: Run, verdict: RunVerdict, because: string, now: Instant): void {
  if (run.verdict) return;
  run.verdict = verdict;
  run.because = because;
  run.endedAt ??= now;
  run.phase = run.phase === 'recovering' ? 'ended' : 'reverting';
}

function whyEnd(run: Run, { policy, seen, now, failedTicks }: AdvanceContext): string | undefined {
  const { chaos, mode } = policy.spec;
  const experiment = chaos.experiments.find((e) => e.name === run.experiment);
  if (!chaos.enabled) return 'spec.chaos.enabled was set to false';
  if (mode !== 'enforce') return `spec.mode was set to ${mode}`;
  if (!experiment) return 'the experiment was deleted';
  if (!experiment.enabled) return 'the experiment was switched off';
  if (fingerprint(experiment) !== run.spec) return 'the experiment was edited';
  if (now >= run.deadline) return `it took longer than its timeout of ${formatDuration(run.deadline - run.startedAt)}`;
  if ((run.failures ?? 0) >= MOST_FAILURES) return run.because ?? `${run.failures} writes in a row failed`;
  return stopReason({ policy, seen, experiment, failedTicks });
}

/** A deployment that this run did not start: somebody is at work on the service, and an experiment is in their way. */
function foreignDeployment(run: Run, seen: Observation): string | undefined {
  const id = seen.service.ok ? seen.service.value.deployment : undefined;
  if (id === undefined || id === (run.ownDeployment ?? run.before.deployment)) return undefined;
  // The first new one after our write is ours; SwapSecurityGroups starts exactly one.
  const mayBeOurs = faultOf(run.injection.type).deploys?.(run.injection) === true && run.ownDeployment === undefined;
  if (mayBeOurs && run.injectedAt !== undefined) {
    run.ownDeployment = id;
    return undefined;
  }
  return run.before.deployment === undefined ? undefined : `somebody started a deployment (${id})`;
}

/** Steady, and the backlog is what it was, give or take a message for each worker. */
function judge(run: Run, seen: Observation, now: Instant, faultRecovered: boolean): void {
  const { recoversWithin } = run.hypothesis;
  if (seen.service.ok && seen.queue.ok && faultRecovered) {
    const { desired, running, pending, deploying } = seen.service.value;
    const steady = running === desired && pending === 0 && !deploying;
    if (steady && seen.queue.value.visible <= run.before.visible + desired) run.recoveredAt = now;
  }
  const tooLate = now - (run.endedAt ?? now) > recoversWithin;
  if (run.recoveredAt === undefined && !tooLate) return;
  run.phase = 'ended';
  const broken = brokenHypothesis(run);
  run.verdict = broken.length > 0 ? 'failed' : 'passed';
  run.because =
    broken.length > 0
      ? broken.join('; ')
      : `recovered in ${formatDuration(Math.round((timeToRecover(run) ?? 0) * 1_000))}; at most ${run.peak.visible} messages visible${
          run.peak.age === undefined ? '' : `, the oldest ${formatDuration(run.peak.age * 1_000)}`
        }`;
}

function brokenHypothesis({ hypothesis, endedAt = 0, recoveredAt, peak }: Run): string[] {
  const { recoversWithin, maxOldestAge, maxVisible } = hypothesis;
  const broken: string[] = [];
  if (recoveredAt === undefined || recoveredAt - endedAt > recoversWithin)
    broken.push(`not recovered within ${formatDuration(recoversWithin)}`);
  if (maxVisible !== undefined && peak.visible > maxVisible)
    broken.push(`${peak.visible} messages were visible (at most ${maxVisible} expected)`);
  if (maxOldestAge !== undefined && peak.age !== undefined && peak.age * 1_000 > maxOldestAge)
    broken.push(
      `the oldest message was ${formatDuration(peak.age * 1_000)} old (at most ${formatDuration(maxOldestAge)} expected)`,
    );
  return broken;
}

function observe(run: Run, seen: Observation, now: Instant): void {
  if (!seen.queue.ok) return;
  const { visible } = seen.queue.value;
  const age = seen.age?.ok ? seen.age.value?.seconds : undefined;
  run.peak.visible = Math.max(run.peak.visible, visible);
  if (age !== undefined) run.peak.age = Math.max(run.peak.age ?? 0, age);
  const letters = seen.chaos?.deadLetters;
  if (letters?.ok && letters.value !== undefined && run.before.deadLetters !== undefined)
    run.deadLetters = Math.max(0, letters.value - run.before.deadLetters);
  if (!seen.service.ok) return;
  const { running, desired } = seen.service.value;
  run.samples ??= [];
  run.samples.push([Math.round((now - run.startedAt) / 1_000), visible, running, desired]);
  // Every other point goes when there are too many: the shape stays, at half the detail.
  if (run.samples.length > MOST_SAMPLES)
    run.samples = run.samples.filter((_, i, all) => i % 2 === 0 || i === all.length - 1);
}

/** What the results of a tick's writes mean for the runs that made them. */
export function settle(memory: ChaosMemory, results: readonly ActionResult[], now: Instant): ChaosMemory {
  const runs = memory.runs.map((run) => {
    const mine = results.filter((r) => r.action.run === run.id);
    return mine.length > 0 ? settled(run, mine, now) : run;
  });
  return { ...memory, runs };
}

function settled(run: Run, results: readonly ActionResult[], now: Instant): Run {
  const next: Run = { ...run };
  const applied = results.filter((r) => r.outcome === 'applied');
  if (applied.some((r) => r.action.purpose === 'inject')) next.injectedAt ??= now;
  if (applied.some((r) => r.action.purpose === 'revert')) next.removedAt ??= now;
  const stopped = applied.flatMap((r) => (r.action.kind === 'StopTask' ? [r.action.taskArn] : []));
  if (stopped.length > 0 && next.injection.type === 'stopTask') {
    next.injection = { ...next.injection, done: [...(next.injection.done ?? []), ...stopped] };
    next.stopped = (next.stopped ?? 0) + stopped.length;
  }
  const failed = results.find((r) => r.outcome === 'failed');
  if (failed?.outcome === 'failed') {
    next.failures = (next.failures ?? 0) + 1;
    if (!next.verdict) next.because = `a write failed: ${failed.message}`;
  } else {
    delete next.failures;
    if (!next.verdict) delete next.because;
  }
  return next;
}
