import type { Estimate } from '../../model/estimate.ts';
import type { Instant } from '../../model/observation.ts';

/** Assumed until the first worker was seen to start. Seconds. */
export const START_UP_GUESS_S = 60;
/** Weight of one more sample; several workers at a time weigh at most MOST. */
const WEIGHT = 0.3;
const MOST = 0.5;

type StartUp = Pick<Estimate, 'startUp' | 'starting'>;

/**
 * Returns the start-up time and the starting workers after one more look. Workers requested since the last look join those
 * that are starting. As the running count rises, the oldest of them have started, and the time that they took is learned, less
 * half an interval: a worker started at some time between the looks. Until one was seen, the tasks' own timestamps count
 * (`ofTasks`, seconds).
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

/** ECS stops the newest starting workers first. Never more workers start than are missing. */
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
