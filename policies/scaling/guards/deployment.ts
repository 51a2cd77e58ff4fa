import { type Guard, pass } from './guard.ts';

/**
 * No scale-in while ECS replaces tasks; scale-out goes on. Application Auto Scaling has the same rule (its user guide, ECS:
 * "scale-in processes are turned off while deployments are in progress").
 */
export const deployment: Guard = (proposed, { current, deploying }) => {
  if (!deploying) return pass(proposed, 'no deployment in progress');
  return proposed < current
    ? { to: current, because: 'no scale-in while a deployment is in progress' }
    : pass(proposed, 'a deployment is in progress; scale-out is allowed');
};
