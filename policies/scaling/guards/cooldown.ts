import { formatDuration } from '../../grammar/duration.ts';
import type { ScaleRecord } from '../../model/memory.ts';
import { type Guard, pass } from './guard.ts';

/**
 * Least time between two changes in the same direction. Each direction has its own clock, so a burst right after a
 * scale-down is answered at once. From zero a scale-up never waits: with no worker nothing moves at all.
 */
export const cooldown: Guard = (proposed, { policy, memory, current, now }) => {
  if (proposed === current) return pass(proposed, 'no change');
  const up = proposed > current;
  const { scaleUp, scaleDown } = policy.spec.scaling;
  const length = up ? scaleUp.cooldown : scaleDown.cooldown;
  const last: ScaleRecord | undefined = up ? memory.lastScaleUp : memory.lastScaleDown;
  const word = up ? 'scale-up' : 'scale-down';
  if (!last) return pass(proposed, `no ${word} yet`);
  // A clock that was set back must not lengthen a cooldown beyond itself.
  const elapsed = Math.max(0, now - last.at);
  if (elapsed >= length || (up && current === 0))
    return pass(proposed, `last ${word} ${formatDuration(seconds(elapsed))} ago, cooldown ${formatDuration(length)}`);
  return {
    to: current,
    because: `${word} cooldown: ${formatDuration(seconds(length - elapsed))} of ${formatDuration(length)} left since ${last.from} -> ${last.to}`,
  };
};

/** Whole seconds are enough for a reader, but for the last one. */
const seconds = (ms: number): number => (ms < 1_000 ? ms : Math.round(ms / 1_000) * 1_000);
