import { formatDuration } from '../../grammar/duration.ts';
import { highest } from '../peaks.ts';
import { type Guard, pass } from './guard.ts';

/** Scale-down goes no lower than the largest count proposed within the window. It never delays scale-up. */
export const stabilization: Guard = (proposed, { scaling, memory, current, now }) => {
  const window = scaling.scaleDown.stabilizationWindow;
  if (window === 0) return pass(proposed, 'no stabilization window');
  if (proposed >= current) return pass(proposed, 'not a scale-in');
  const most = highest(memory.window, now, window);
  if (!most || most[1] <= proposed)
    return pass(proposed, `no larger count was proposed in the last ${formatDuration(window)}`);
  const ago = formatDuration(Math.round((now - most[0]) / 1_000) * 1_000);
  return {
    to: Math.min(current, most[1]),
    because: `${most[1]} was proposed ${ago} ago, within the stabilization window of ${formatDuration(window)}`,
  };
};
