import type { Answer, ChaosStep, Skipped } from '../../model/chaos.ts';
import type { Decision } from '../../model/decision.ts';
import type { Memory } from '../../model/memory.ts';

/**
 * Returns a decision and its memory without the runs that it started. Their intents could not be stored (`why`), and
 * without a stored intent there is no fault. Requests are refused, occurrences are noted as skipped.
 */
export function abortStart(
  { decision, memory }: { decision: Decision; memory: Memory },
  why: string,
): { decision: Decision; memory: Memory } {
  const { chaos } = memory;
  const step = decision.chaos;
  if (!chaos || !step) return { decision, memory };
  const ids = new Set(step.started.map((r) => r.id));
  const because = `the plan could not be saved in the status parameter (${why})`;
  const skipped: Skipped[] = step.started
    .filter((r) => r.trigger === 'schedule')
    .map((r) => ({ experiment: r.experiment, at: r.startedAt, precondition: 'intent', because }));
  const answered = ({ run, ...answer }: Answer): Answer => {
    if (run === undefined) return answer;
    return ids.has(run) ? { ...answer, accepted: false, precondition: 'intent', because } : { ...answer, run };
  };
  const { holds, ...rest } = step;
  const running = step.running.filter((r) => !ids.has(r.id));
  const isHeld = running.length > 0;
  const next: ChaosStep = {
    ...rest,
    ...(holds && isHeld ? { holds } : {}),
    actions: step.actions.filter((a) => !a.run || !ids.has(a.run)),
    started: [],
    running,
    answers: step.answers.map(answered),
    skipped: [...step.skipped, ...skipped],
    startAborted: why,
  };
  const { held, ...kept } = chaos;
  return {
    decision: { ...(holds && !isHeld ? unchanged(decision, because) : decision), chaos: next },
    memory: {
      ...memory,
      chaos: {
        ...kept,
        ...(held && isHeld ? { held } : {}),
        runs: chaos.runs.filter((r) => !ids.has(r.id)),
        answers: chaos.answers.map(answered),
        skipped: [...skipped.reverse(), ...chaos.skipped],
      },
    },
  };
}

/** The count stays as it is: no fault holds it after all, and the scaling rules decide again at the next tick. */
function unchanged(decision: Decision, because: string): Decision {
  const { current, desired } = decision;
  if (current === undefined || desired === undefined) return decision;
  return {
    ...decision,
    desired: current,
    guards: [...decision.guards, { guard: 'chaos', from: desired, to: current, because }],
    summary: `keeps ${current} workers: ${because}`,
  };
}
