import { formatDuration } from '../../grammar/duration.ts';
import { type Guard, pass } from './guard.ts';

const SHORTEST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 30 * 60_000;

/**
 * No scale-up while tasks do not start or do not stay up: more of them would fail too. One more worker is tried after a
 * minute, then after two, four, up to each half hour: by then the cause may be gone. Scale-in goes on. ECS retries on its own the
 * tasks that are missing. Without evidence the guard leaves no step.
 */
export const starting: Guard = (proposed, { current, startTrouble, memory, now }) => {
  if (!startTrouble) return undefined;
  const { since, because } = startTrouble;
  if (proposed <= current) return pass(proposed, because);
  // The last scale-up since the trouble began was a try. The time that it took doubles with each one.
  const { lastScaleUp } = memory;
  const tried = lastScaleUp && lastScaleUp.at > since ? lastScaleUp.at : since;
  const wait = Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, tried - since));
  const left = wait - Math.max(0, now - tried);
  if (left <= 0) return { to: Math.min(proposed, current + 1), because: `tries one more worker although ${because}` };
  const next = formatDuration(Math.ceil(left / 1_000) * 1_000);
  return { to: current, because: `no scale-up while tasks fail; one more worker is tried in ${next}: ${because}` };
};
