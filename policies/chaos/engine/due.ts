/** Scheduled occurrences: they become due, wait a little for their preconditions, and start a run or are skipped. */
import { formatDuration } from '../../grammar/duration.ts';
import type { ChaosMemory, Skipped } from '../../model/chaos.ts';
import { PATIENT_PRECONDITIONS } from '../preconditions.ts';
import { occurrences } from '../schedule.ts';
import { type Begun, begin, runId } from './begin.ts';
import type { StepInput } from './step-input.ts';

/**
 * Milliseconds, or two ticks when those are longer. An older occurrence was missed while no process ran: it is logged and
 * skipped.
 */
const GRACE_MS = 60_000;

/** Adds new occurrences to those that are due, and notes the ones that were missed. */
export function collectDue({ policy, now }: StepInput, memory: ChaosMemory, skipped: Skipped[]): void {
  const { enabled, experiments, seed } = policy.spec.chaos;
  const after = memory.lookedAt ?? now;
  const grace = Math.max(GRACE_MS, 2 * policy.spec.interval);
  if (!enabled) {
    memory.due = {};
    return;
  }
  for (const { name, enabled: on, trigger } of experiments) {
    if (!on) {
      delete memory.due[name];
      continue;
    }
    const found = occurrences(name, trigger, seed, after, now);
    const missed = found.filter((at) => now - at > grace);
    const last = missed.at(-1);
    if (last !== undefined) {
      const count = missed.length === 1 ? 'one run was' : `${missed.length} runs were`;
      const because = `${count} missed while Sluice was down`;
      skipped.push({ experiment: name, at: last, precondition: 'missed', because });
    }
    const newest = found.findLast((at) => now - at <= grace);
    if (newest !== undefined) memory.due[name] = newest;
  }
}

/** Starts what is due and may start, and notes what has waited for too long. */
export function startDue(input: StepInput, memory: ChaosMemory, skipped: Skipped[]): void {
  const { policy, seen, now, scaling } = input;
  // Three ticks, so that a precondition that will hold soon has its chance whatever the interval.
  const patience = Math.max(GRACE_MS, 3 * policy.spec.interval);
  for (const experiment of policy.spec.chaos.experiments) {
    const at = memory.due[experiment.name];
    if (at === undefined) continue;
    const id = runId(policy.metadata.name, experiment.name, String(at));
    const begun = begin({ policy, experiment, seen, memory, now, scaling, id, trigger: 'schedule' });
    const fate = fateOf(begun, now - at < patience);
    if (fate === 'wait') continue;
    delete memory.due[experiment.name];
    // After a restart an occurrence that has already run may come up again: that is not worth a note.
    if (fate === 'started' || fate.precondition === 'once') continue;
    const { precondition, because } = fate;
    const waited = now - at >= patience ? ` (waited for ${formatDuration(now - at)})` : '';
    skipped.push({ experiment: experiment.name, at, precondition, because: because + waited });
  }
}

function fateOf(begun: Begun, patient: boolean): 'started' | 'wait' | { precondition: string; because: string } {
  if ('wait' in begun)
    return patient ? 'wait' : { precondition: 'observed', because: 'the readings that it needs are missing' };
  if ('run' in begun) return 'started';
  return patient && PATIENT_PRECONDITIONS.has(begun.blocked.precondition) ? 'wait' : begun.blocked;
}
