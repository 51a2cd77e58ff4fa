import { leftText } from '../../../policies/chaos/run.ts';
import { formatDuration } from '../../../policies/grammar/duration.ts';
import type { Run } from '../../../policies/model/run.ts';

/** Returns what happened in a run, in order: the time since its start, and the event. */
export function timeline(run: Run): [at: string, what: string][] {
  const cutShort = run.verdict === 'aborted' || run.verdict === 'interrupted';
  const left = leftText(run);
  const moments: [number | undefined, string][] = [
    [run.startedAt, 'plan saved'],
    [run.injectedAt, 'fault injected'],
    [run.activeAt, left === undefined ? 'fault in place' : `the hold begins although ${left}`],
    [run.effectSeenAt, 'effect seen'],
    [run.endedAt, cutShort ? 'ended early: revert begins' : 'fault over: revert begins'],
    [run.removedAt, 'fault reverted'],
    [run.revertedAt, 'restored state verified'],
    [run.recoveredAt, 'recovered'],
  ];
  return moments
    .filter((m): m is [number, string] => m[0] !== undefined)
    .sort((a, b) => a[0] - b[0])
    .map(([at, what]) => [formatDuration(Math.round((at - run.startedAt) / 100) * 100), what]);
}
