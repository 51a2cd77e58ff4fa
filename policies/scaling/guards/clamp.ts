import { type Guard, pass } from './guard.ts';

/**
 * Into [minWorkers, maxWorkers]. It comes last, after the cooldowns, so that new bounds apply at once. Only a failed
 * reading makes it wait: that never scales in.
 */
export const clamp: Guard = (proposed, { scaling: { minWorkers, maxWorkers }, queue, current }) => {
  if (proposed < minWorkers) return { to: minWorkers, because: `minWorkers is ${minWorkers}` };
  if (proposed <= maxWorkers) return pass(proposed, `within [${minWorkers}, ${maxWorkers}]`);
  if (!queue && maxWorkers < current)
    return pass(current, `maxWorkers is ${maxWorkers}, but a failed reading never scales in`);
  return { to: maxWorkers, because: `maxWorkers is ${maxWorkers}` };
};
