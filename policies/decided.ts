import type { ActionResult } from './model/action.ts';
import type { Decision } from './model/decision.ts';
import type { Run } from './model/run.ts';

/**
 * Returns a decision as codes, counts and writes: all that acts, and no sentence. Two versions of Sluice that word a
 * decision differently agree here. Guards that let the count pass decide nothing.
 */
export function decided({ current, desired, outcome, mode, proposals, guards, alerts, chaos }: Decision): object {
  return {
    outcome,
    mode,
    current,
    desired,
    proposals: proposals.map(({ strategy, desired: count, abstained }) => ({ strategy, desired: count, abstained })),
    guards: guards.filter(({ from, to }) => from !== to).map(({ guard, from, to }) => ({ guard, from, to })),
    alerts: alerts.map(({ name, firing, since }) => ({ name, firing, since })),
    chaos: chaos && {
      holds: chaos.holds !== undefined,
      actions: (chaos.actions ?? []).map(actionOf),
      started: (chaos.started ?? []).map(({ id }) => id),
      running: (chaos.running ?? []).map(standing),
      ended: (chaos.ended ?? []).map(standing),
      answers: (chaos.answers ?? []).map(({ id, accepted, run }) => ({ id, accepted, run })),
      skipped: (chaos.skipped ?? []).map(({ experiment, at, precondition }) => ({ experiment, at, precondition })),
      aborted: chaos.startAborted !== undefined,
    },
  };
}

/** StopTask tells its reason in words. */
const actionOf = (action: ActionResult['action']): object =>
  action.kind === 'StopTask' ? { ...action, reason: '' } : action;

const standing = ({ id, phase, verdict, injectedAt, endedAt }: Run): object => ({
  id,
  phase,
  verdict,
  injectedAt,
  endedAt,
});
