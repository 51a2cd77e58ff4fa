import { type Guard, pass } from './guard.ts';

/** At most `maxStep` workers at a time in each direction: a count, or a percentage of the present count, at least one. */
export const stepLimit: Guard = (proposed, { scaling, current }) => {
  const { scaleUp, scaleDown } = scaling;
  const limit = proposed > current ? scaleUp.maxStep : proposed < current ? scaleDown.maxStep : undefined;
  if (limit === undefined) return pass(proposed, 'no step limit applies');
  const most = typeof limit === 'number' ? limit : Math.max(1, Math.floor((current * Number.parseFloat(limit)) / 100));
  if (Math.abs(proposed - current) <= most) return pass(proposed, `within maxStep (${limit})`);
  return { to: proposed > current ? current + most : current - most, because: `maxStep allows ${limit} at a time` };
};
