import { type Guard, pass } from './guard.ts';

/**
 * Into [minWorkers, maxWorkers]. It comes last, after the cooldowns, so that a change of bounds applies at once. Only
 * on a failed read does it not scale in: then it waits.
 */
export const clamp: Guard = (proposed, { policy, queue, current }) => {
  const { minWorkers, maxWorkers } = policy.spec.scaling;
  if (proposed < minWorkers) return { to: minWorkers, because: `minWorkers is ${minWorkers}` };
  if (proposed <= maxWorkers) return pass(proposed, `within [${minWorkers}, ${maxWorkers}]`);
  if (!queue && maxWorkers < current)
    return pass(current, `maxWorkers is ${maxWorkers}, but a failed read never scales in`);
  return { to: maxWorkers, because: `maxWorkers is ${maxWorkers}` };
};
