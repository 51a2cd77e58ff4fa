import type { Action } from './model/action.ts';
import type { Decision } from './model/decision.ts';
import type { Observation } from './model/observation.ts';

/**
 * Returns the fewest writes that change the observed world into the decided one. Empty when they agree, when the policy is
 * paused, and when the service could not be read: an unknown count is not changed. While an experiment holds the count, only
 * the experiment changes it.
 */
export function diff(decision: Decision, seen: Observation): Action[] {
  const { mode, desired, chaos } = decision;
  const byChaos = chaos?.actions ?? [];
  if (mode === 'paused' || desired === undefined || !seen.service.ok || chaos?.holds) return byChaos;
  const from = seen.service.value.desired;
  return desired === from ? byChaos : [...byChaos, { kind: 'UpdateService', desiredCount: desired, from }];
}
