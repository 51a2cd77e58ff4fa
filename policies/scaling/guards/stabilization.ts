import { formatDuration } from '../../grammar/duration.ts';
import type { Memory } from '../../model/memory.ts';
import type { Instant } from '../../model/observation.ts';
import { type Guard, pass } from './guard.ts';

/** Scale-down goes no lower than the largest count proposed within the window; scale-up is never delayed by it. */
export const stabilization: Guard = (proposed, { policy, memory, current, now }) => {
  const window = policy.spec.scaling.scaleDown.stabilizationWindow;
  if (window === 0) return pass(proposed, 'no stabilization window');
  if (proposed >= current) return pass(proposed, 'not a scale-in');
  const highest = memory.window.find(([at]) => at > now - window);
  if (!highest || highest[1] <= proposed)
    return pass(proposed, `nothing higher was asked for in ${formatDuration(window)}`);
  const to = Math.min(current, highest[1]);
  const ago = formatDuration(Math.round((now - highest[0]) / 1_000) * 1_000);
  return { to, because: `${highest[1]} was asked for ${ago} ago, within the window of ${formatDuration(window)}` };
};

/**
 * The window with one more count in it. Counts that a later and larger one has overtaken can never be the maximum
 * again, so they are dropped: what is left falls, and its first entry is the maximum.
 */
export function remember(memory: Memory, window: number, count: number, now: Instant): Memory['window'] {
  if (window === 0) return [];
  const kept = memory.window.filter(([at, value]) => at > now - window && value > count);
  kept.push([now, count]);
  return kept;
}
