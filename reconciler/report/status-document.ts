/** The status that follows from a view of a policy, and how much it matters that it is stored. Pure. */
import { formatProblem } from '../../policies/document/parse.ts';
import { describeAction } from '../../policies/grammar/describe-action.ts';
import type { Instant } from '../../policies/model/observation.ts';
import { memoryFrom } from '../../policies/restore.ts';
import { type StatusDocument, type StatusInput, statusOf } from '../../policies/status.ts';
import type { PolicyView } from './board.ts';

/** 0: must survive a crash (experiments, scale times). 1: somebody waits for it (conditions). 2: counts. */
export type Urgency = 0 | 1 | 2;

/** Returns the status document of a view. `previous` is the one before it, which the new one goes on from. */
export const documentOf = (view: PolicyView, previous: StatusDocument | undefined, now: Instant): StatusDocument =>
  statusOf(inputOf(view, previous, now));

/** Returns the facts that a status, and each of its conditions, is made of. */
export function inputOf(view: PolicyView, previous: StatusDocument | undefined, now: Instant): StatusInput {
  const { last, refused } = view;
  const failedActions = (last?.results ?? []).flatMap((r) =>
    r.outcome === 'failed' ? [`${describeAction(r.action)}: ${r.message}${r.hint ? ` (${r.hint})` : ''}`] : [],
  );
  const first = refused?.problems[0];
  return {
    generation: view.generation,
    refused: refused && first ? { version: refused.version, problem: formatProblem(view.name, first) } : undefined,
    decision: last?.decision,
    failedActions,
    memory: last?.after ?? memoryFrom(previous),
    ...(view.claim ? { claim: view.claim } : {}),
    ...(view.target ? { target: view.target } : {}),
    previous,
    now,
  };
}

/** Returns the last status of a policy that was deleted. */
export function releasedDocument(before: StatusDocument, now: Instant): StatusDocument {
  const at = new Date(now).toISOString();
  const conditions = before.conditions.map((condition) =>
    condition.type === 'Ready'
      ? {
          ...condition,
          status: 'False' as const,
          reason: 'PolicyDeleted',
          message: 'the policy was deleted; the service keeps its count',
          lastTransitionTime: at,
        }
      : condition,
  );
  return { ...before, observedGeneration: 0, conditions, updatedAt: at };
}

/** Returns how much it matters that `next` is stored; undefined when only the time and the wording have changed. */
export function urgencyOf(written: StatusDocument | undefined, next: StatusDocument): Urgency | undefined {
  if (!written) return 1;
  const same = (pick: (d: StatusDocument) => unknown): boolean =>
    JSON.stringify(pick(written)) === JSON.stringify(pick(next));
  if (
    !same((d) => [d.lastScaleUp, d.lastScaleDown, d.chaos?.held?.count, d.chaos?.answers, d.experiments.map(standing)])
  )
    return 0;
  if (
    !same((d) => [
      d.observedGeneration,
      d.mode,
      d.refusedVersion,
      d.conditions.map((c) => [c.type, c.status, c.reason]),
    ])
  )
    return 1;
  return same((d) => [d.workers, d.queue, d.claim]) ? undefined : 2;
}

/** Returns what a restart must know of a run; its measurements may be a little old. */
const standing = ({ id, phase, verdict, timeline }: StatusDocument['experiments'][number]): unknown[] => [
  id,
  phase,
  verdict,
  timeline.injected,
  timeline.removed,
];
