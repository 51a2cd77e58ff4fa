import type { Strategy } from './strategy.ts';

/**
 * The plain rule: up by `step` when visible > workers * scaleUpThreshold, down by `step` when visible < workers *
 * scaleDownThreshold; strict comparisons.
 *
 * Zero is a special case, or the rule would toggle between 0 and 1 for ever: from 0 it goes to as many workers as the
 * threshold calls for in one step, and it leaves 1 only when nothing is visible and nothing is in flight.
 */
export const threshold: Strategy<'threshold'> = (spec, { queue, current }) => {
  const { visible, inFlight } = queue;
  if (current === 0) {
    if (visible === 0) return { desired: 0, because: 'no worker and nothing visible' };
    const desired = Math.ceil(visible / spec.scaleUpThreshold);
    return {
      desired,
      because: `${visible} visible and no worker: ${desired} at ${spec.scaleUpThreshold} each, in one step`,
    };
  }
  const up = current * spec.scaleUpThreshold;
  if (visible > up)
    return {
      desired: current + spec.step,
      because: `${visible} visible > ${up} (${current} workers * ${spec.scaleUpThreshold})`,
    };
  const down = current * spec.scaleDownThreshold;
  if (visible < down) {
    const because = `${visible} visible < ${down} (${current} workers * ${spec.scaleDownThreshold})`;
    const desired = Math.max(0, current - spec.step);
    if (desired === 0 && visible + inFlight > 0)
      return {
        desired: 1,
        because: `${because}, but the last worker stays while ${visible} visible and ${inFlight} in flight`,
      };
    return { desired, because };
  }
  return { desired: current, because: `${visible} visible is between ${down} and ${up}` };
};
