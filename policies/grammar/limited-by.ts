import type { Decision, GuardStep } from '../model/decision.ts';

/** The one thing that keeps the count from the proposed one. */
export interface Limit {
  /** For programs: `maxWorkers`, `minWorkers`, `experiment`, `paused`, or the guard's name. */
  by: string;
  because: string;
}

/** Returns what keeps the count from the one that the strategies propose; undefined when nothing does. */
export function limitOf(
  decision: Pick<Decision, 'mode' | 'guards' | 'chaos' | 'summary'> | undefined,
): Limit | undefined {
  if (!decision) return undefined;
  const { mode, guards, chaos, summary } = decision;
  if (mode === 'paused') return { by: 'paused', because: 'the policy is paused: no count is proposed' };
  if (chaos?.holds !== undefined) return { by: 'experiment', because: summary };
  const step = guards.findLast(({ from, to }) => from !== to);
  return step && { by: nameOf(step), because: `${step.to} instead of ${step.from}: ${step.because}` };
}

/** The author's bounds are known by their fields. Of several guards the last one that changed the count limits it. */
function nameOf({ guard, from, to }: GuardStep): string {
  if (guard !== 'clamp') return guard;
  return to < from ? 'maxWorkers' : 'minWorkers';
}
