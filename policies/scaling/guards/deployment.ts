import { formatDuration } from '../../grammar/duration.ts';
import { type Guard, pass } from './guard.ts';

/**
 * No scale-in while ECS replaces tasks; scale-out goes on. Application Auto Scaling has the same rule (its user guide, ECS:
 * "scale-in processes are turned off while deployments are in progress"). A deployment that does not end holds scale-in for
 * `deploymentTimeout` only: nobody should pay for idle workers because a new version does not come up.
 */
export const deployment: Guard = (proposed, { current, deploying, deployingSince, scaling, now }) => {
  if (!deploying) return pass(proposed, 'no deployment in progress');
  if (proposed >= current) return pass(proposed, 'a deployment is in progress; scale-out is allowed');
  const { deploymentTimeout } = scaling;
  const lasts = deployingSince === undefined ? 0 : now - deployingSince;
  if (lasts <= deploymentTimeout) return { to: current, because: 'no scale-in while a deployment is in progress' };
  const [long, limit] = [Math.floor(lasts / 1_000) * 1_000, deploymentTimeout].map(formatDuration);
  return pass(
    proposed,
    `the deployment has not ended for ${long}, longer than deploymentTimeout (${limit}): scale-in goes on`,
  );
};
