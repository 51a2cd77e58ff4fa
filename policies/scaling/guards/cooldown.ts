import { formatDuration } from '../../grammar/duration.ts';
import { type Guard, pass } from './guard.ts';

/**
 * Shortest time between two changes in the same direction. Each direction has its own clock, so a burst right after a
 * scale-down is answered at once. From zero a scale-up never waits: with no worker nothing moves at all.
 */
export const cooldown: Guard = (proposed, { scaling, memory, current, now }) => {
  if (proposed === current) return pass(proposed, 'no change');
  const isUp = proposed > current;
  const length = isUp ? scaling.scaleUp.cooldown : scaling.scaleDown.cooldown;
  const last = isUp ? memory.lastScaleUp : memory.lastScaleDown;
  const name = isUp ? 'scale-up' : 'scale-down';
  if (!last) return pass(proposed, `no ${name} yet`);
  if (memory.known?.last && last.at < memory.known.last.at)
    return pass(proposed, `no ${name} since somebody else changed the count`);
  // A clock that was set back must not lengthen a cooldown beyond itself.
  const elapsed = Math.max(0, now - last.at);
  if (elapsed >= length || (isUp && current === 0))
    return pass(proposed, `last ${name} ${formatDuration(seconds(elapsed))} ago, cooldown ${formatDuration(length)}`);
  const left = formatDuration(seconds(length - elapsed));
  return {
    to: current,
    because: `${name} cooldown: ${left} of ${formatDuration(length)} left since ${last.from} -> ${last.to}`,
  };
};

/** Whole seconds are enough for a reader, except for the last one. */
const seconds = (ms: number): number => (ms < 1_000 ? ms : Math.round(ms / 1_000) * 1_000);
