import { formatDuration } from '../../grammar/duration.ts';
import { count } from '../../grammar/words.ts';
import { idleForGroups } from '../groups.ts';
import { type Guard, pass } from './guard.ts';

/** How long new groups may wait for a worker that no count asks for; a worker that idles for it costs little. */
const RETRY_MS = 10 * 60_000;

/**
 * No scale-up while workers of a FIFO queue idle although messages wait: the messages wait for their groups, and one more worker
 * would idle too. One more is tried each ten minutes. Scale-in goes on. Without evidence the guard leaves no step.
 */
export const fifoGroups: Guard = (proposed, { current, memory, now }) => {
  const idle = idleForGroups(memory, now);
  if (!idle) return undefined;
  const { since, busy, slots, measured } = idle;
  const held = measured
    ? `${count(busy, 'message group')} with messages in flight`
    : `${count(busy, 'message')} in flight`;
  const because = `messages wait for their groups: ${held}, and the workers could hold ${slots}`;
  if (proposed <= current) return pass(proposed, because);
  const tried = Math.max(since, memory.lastScaleUp?.at ?? 0);
  // A clock that was set back must not lengthen the wait beyond itself.
  const left = RETRY_MS - Math.max(0, now - tried);
  if (left <= 0) return { to: current + 1, because: `tries one more worker although ${because}` };
  const next = formatDuration(Math.ceil(left / 1_000) * 1_000);
  return { to: current, because: `${because}; one more worker is tried in ${next}` };
};
