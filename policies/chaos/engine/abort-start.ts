import type { Decision } from '../../model/decision.ts';
import type { Memory } from '../../model/memory.ts';
import type { ChaosStep } from './step.ts';

/**
 * A decision without the runs that it started: their intent could not be written down, and without that there is no
 * fault. Who asked is told; an occurrence is noted as skipped.
 */
export function abortStart(
  { decision, memory }: { decision: Decision; memory: Memory },
  why: string,
): { decision: Decision; memory: Memory } {
  const { chaos } = memory;
  const step = decision.chaos;
  if (!chaos || !step) return { decision, memory };
  const ids = new Set(step.started.map((r) => r.id));
  const because = `intent: it could not be written to the status parameter (${why})`;
  const skipped = step.started
    .filter((r) => r.trigger === 'schedule')
    .map((r) => ({ experiment: r.experiment, at: r.startedAt, precondition: 'intent', because }));
  const answers = step.answers.map((a) => (a.run && ids.has(a.run) ? refused(a, because) : a));
  const { holds, ...rest } = step;
  const running = step.running.filter((r) => !ids.has(r.id));
  const next: ChaosStep = {
    ...rest,
    ...(holds && running.length > 0 ? { holds } : {}),
    actions: step.actions.filter((a) => !a.run || !ids.has(a.run)),
    started: [],
    running,
    answers,
    skipped: [...step.skipped, ...skipped],
    startAborted: why,
  };
  const { held, ...kept } = chaos;
  return {
    decision: { ...(holds && running.length === 0 ? untouched(decision, because) : decision), chaos: next },
    memory: {
      ...memory,
      chaos: {
        ...kept,
        ...(held && running.length > 0 ? { held } : {}),
        runs: chaos.runs.filter((r) => !ids.has(r.id)),
        answers: chaos.answers.map((a) => (a.run && ids.has(a.run) ? refused(a, because) : a)),
        skipped: [...skipped.reverse(), ...chaos.skipped],
      },
    },
  };
}

/** The count as it is: a fault that was to hold it does not, and the rules have their say at the next tick. */
function untouched(decision: Decision, because: string): Decision {
  const { current, desired } = decision;
  if (current === undefined || desired === undefined) return decision;
  const step = { guard: 'chaos', from: desired, to: current, because };
  return {
    ...decision,
    desired: current,
    guards: [...decision.guards, step],
    summary: `held at ${current}; ${because}`,
  };
}

function refused({ run: _, ...answer }: ChaosStep['answers'][number], because: string): ChaosStep['answers'][number] {
  return { ...answer, accepted: false, because };
}
