import { money } from '../../grammar/money.ts';
import { type Guard, pass } from './guard.ts';

/**
 * Never more workers than the rest of the day's budget pays for. It acts as a lower `maxWorkers` would: at once, and also on the
 * floor of a schedule; `minWorkers` holds whatever it costs. A failed reading of the queue never scales in, not even for money.
 */
export const budget: Guard = (
  proposed,
  { scaling: { minWorkers, maxWorkers }, budget: state, queueProblem, current },
) => {
  if (!state) return undefined;
  const { spent, perDay, currency, most } = state;
  const used = `${money(spent, currency)} of ${money(perDay, currency)} are spent today`;
  if (proposed <= most || most >= maxWorkers)
    return pass(proposed, most < maxWorkers ? `${used}; ${most} workers at most` : used);
  const rest =
    most <= minWorkers
      ? 'the rest pays for minWorkers alone'
      : `the rest pays for ${most} workers in the next hour, after minWorkers until midnight`;
  if (queueProblem !== undefined && most < current)
    return { to: Math.min(proposed, current), because: `${used}, but a failed reading never scales in` };
  return { to: most, because: `budget: ${used}; ${rest}` };
};
