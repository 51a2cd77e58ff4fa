import type { Strategy } from './strategy.ts';

/**
 * ceil(backlog / target), where backlog is visible and (unless switched off) in-flight messages. As in the Kubernetes
 * HPA, a ratio within the tolerance of 1 changes nothing; unlike it, the whole step is made at once, also from zero.
 */
export const backlogPerWorker: Strategy<'backlogPerWorker'> = (spec, { queue, current }) => {
  const backlog = queue.visible + (spec.countInFlight ? queue.inFlight : 0);
  const counted = spec.countInFlight
    ? `${queue.visible} visible + ${queue.inFlight} in flight`
    : `${queue.visible} visible`;
  const desired = Math.ceil(backlog / spec.target);
  if (current > 0 && backlog > 0) {
    const ratio = backlog / (current * spec.target);
    if (Math.abs(ratio - 1) <= spec.tolerance)
      return {
        desired: current,
        because: `${counted} for ${current} workers is ${ratio.toFixed(2)} of the target ${spec.target} each, within ${spec.tolerance}`,
      };
  }
  return { desired, because: `(${counted}) / ${spec.target} each = ${desired}` };
};
