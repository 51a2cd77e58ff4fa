import { slotsOf } from '../estimate/concurrency.ts';
import { type Guard, pass } from './guard.ts';

/**
 * Never fewer workers than hold messages. ECS chooses which task it stops, so a count below the busy ones is sure to
 * interrupt work. The last worker stays while there is any message, whatever `keepInFlight` says.
 */
export const busyFloor: Guard = (proposed, { policy, queue, current, memory }) => {
  if (!queue || proposed >= current) return pass(proposed, 'not a scale-in');
  const { scaleDown } = policy.spec.scaling;
  const learned = memory.estimate ? slotsOf(memory.estimate.concurrency) : 1;
  const concurrency = policy.spec.scaling.concurrency ?? learned;
  const busy = Math.min(current, Math.ceil(queue.inFlight / concurrency));
  if (scaleDown.keepInFlight && proposed < busy)
    return { to: busy, because: `${queue.inFlight} messages in flight keep ${busy} workers busy` };
  if (proposed === 0 && queue.visible + queue.inFlight > 0)
    return { to: 1, because: `the last worker stays while ${queue.visible} visible and ${queue.inFlight} in flight` };
  const floor = scaleDown.keepInFlight ? `${busy} busy at most` : 'keepInFlight is off';
  return pass(proposed, floor);
};
