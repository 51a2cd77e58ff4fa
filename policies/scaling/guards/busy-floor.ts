import { count } from '../../grammar/words.ts';
import { slotsOf } from '../estimate/concurrency.ts';
import { type Guard, pass } from './guard.ts';

/**
 * Never fewer workers than hold messages. ECS chooses the task that it stops, so a count below the busy ones is sure to
 * interrupt work. The last worker stays while there is any message, even when `keepInFlight` is off.
 */
export const busyFloor: Guard = (proposed, { scaling, queue, current, memory }) => {
  if (!queue || proposed >= current) return pass(proposed, 'not a scale-in');
  const { keepInFlight } = scaling.scaleDown;
  const learned = memory.estimate ? slotsOf(memory.estimate.concurrency) : 1;
  const slots = scaling.concurrency ?? learned;
  const busy = Math.min(current, Math.ceil(queue.inFlight / slots));
  if (keepInFlight && proposed < busy) {
    const are = queue.inFlight === 1 ? 'is' : 'are';
    const each = slots > 1 ? `, up to ${slots} at each worker` : '';
    return { to: busy, because: `${count(queue.inFlight, 'message')} ${are} in flight${each}` };
  }
  if (proposed === 0 && queue.visible + queue.inFlight > 0)
    return { to: 1, because: `1 worker stays for ${queue.visible} visible and ${queue.inFlight} in flight` };
  return pass(proposed, keepInFlight ? `at most ${count(busy, 'worker')} busy` : 'keepInFlight is off');
};
