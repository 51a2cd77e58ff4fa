import type { Action } from './action.ts';
import type { Decision } from './decision.ts';
import type { Observation } from './observation.ts';

/**
 * The smallest set of writes that takes the world from what was observed to what was decided. Empty when they agree,
 * when the policy is paused, and when the service could not be read: what is not known is not changed.
 */
export function diff(decision: Decision, seen: Observation): Action[] {
  if (decision.mode === 'paused' || decision.desired === undefined || !seen.service.ok) return [];
  const from = seen.service.value.desired;
  return decision.desired === from ? [] : [{ kind: 'UpdateService', desiredCount: decision.desired, from }];
}
