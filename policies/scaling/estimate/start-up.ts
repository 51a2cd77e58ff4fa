import type { Instant } from '../../model/observation.ts';
import type { Estimate } from './estimate.ts';

/** What is believed before the first worker was seen to start. */
export const START_UP_GUESS_S = 60;
/** Weight of one more sample; of several workers at a time at most MOST. */
const WEIGHT = 0.3;
const MOST = 0.5;

type StartUp = Pick<Estimate, 'startUp' | 'starting'>;

/**
 * Compares two looks: workers that were asked for since the last one join those that start; as the running count rises, the
 * oldest of them have arrived, and how long they took is learned. Half an interval is taken off: the worker came at some
 * time between the looks. Until one was seen, the tasks' own timestamps tell (`ofTasks`, seconds).
 */
export function learnStartUp(before: Estimate, now: Estimate['last'], ofTasks?: number): StartUp {
  const { last } = before;
  let { seconds, seen } = before.startUp;
  if (seen === 0 && ofTasks !== undefined) seconds = ofTasks;
  const starting = before.starting.map(([at, count]): [Instant, number] => [at, count]);
  // The count was raised right after the last look.
  if (now.desired > last.desired) starting.push([last.at, now.desired - last.desired]);
  const half = (now.at - last.at) / 2_000;
  for (let came = now.running - last.running; came > 0 && starting.length > 0; ) {
    const [at, count] = starting[0]!;
    const some = Math.min(came, count);
    const took = Math.max(0, (now.at - at) / 1_000 - half);
    seconds += (took - seconds) * (seen === 0 ? 1 : Math.min(MOST, WEIGHT * some));
    seen += some;
    came -= some;
    if (some === count) starting.shift();
    else starting[0] = [at, count - some];
  }
  trim(starting, Math.max(0, now.desired - now.running));
  return { startUp: { seconds, seen }, starting };
}

/** ECS stops the newest starting workers first; what starts is never more than what is missing. */
function trim(starting: [Instant, number][], most: number): void {
  let excess = starting.reduce((sum, [, count]) => sum + count, 0) - most;
  while (excess > 0) {
    const newest = starting.at(-1)!;
    const off = Math.min(excess, newest[1]);
    newest[1] -= off;
    excess -= off;
    if (newest[1] === 0) starting.pop();
  }
}
