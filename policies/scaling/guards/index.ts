import type { GuardStep } from '../../model/decision.ts';
import { budget } from './budget.ts';
import { busyFloor } from './busy-floor.ts';
import { clamp } from './clamp.ts';
import { cooldown } from './cooldown.ts';
import { deployment } from './deployment.ts';
import { fifoGroups } from './fifo-groups.ts';
import type { Guard, GuardContext } from './guard.ts';
import { observed } from './observed.ts';
import { pauseWhile } from './pause-while.ts';
import { schedules } from './schedules.ts';
import { stabilization } from './stabilization.ts';
import { starting } from './starting.ts';
import { stepLimit } from './step-limit.ts';

/**
 * The one fixed order. Protection comes first (readings, deployments, tasks that do not start, busy workers), then smoothing
 * (window, steps, cooldown), then the brake and the groups of FIFO queues, which have a pace of their own, then the author's bounds (schedules, budget, clamp), so that bounds always
 * hold and apply at once.
 */
const order: readonly (readonly [string, Guard])[] = [
  ['observed', observed],
  ['deployment', deployment],
  ['starting', starting],
  ['busyFloor', busyFloor],
  ['stabilization', stabilization],
  ['stepLimit', stepLimit],
  ['cooldown', cooldown],
  ['pauseWhile', pauseWhile],
  ['fifoGroups', fifoGroups],
  ['schedules', schedules],
  ['budget', budget],
  ['clamp', clamp],
];

/** Runs a count through every guard and returns one step for each that the policy asks for. The last step's `to` is the count to have. */
export function guard(proposed: number, context: GuardContext): GuardStep[] {
  const steps: GuardStep[] = [];
  let from = proposed;
  for (const [name, apply] of order) {
    const verdict = apply(from, context);
    if (!verdict) continue;
    const { to, because } = verdict;
    steps.push({ guard: name, from, to, because });
    from = to;
  }
  return steps;
}
