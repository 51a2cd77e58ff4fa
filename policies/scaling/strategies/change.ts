import { z } from 'zod';

/** A change in workers: a count, or a percentage of the present count such as "50%". */
export const changeSchema = z
  .union([z.int(), z.string().regex(/^[+-]?\d+(\.\d+)?%$/)], {
    error: 'must be a whole number, or a percentage such as "50%"',
  })
  .meta({ description: 'workers to add (or, negative, to remove): a count or a percentage such as "-25%"' });

export type Change = z.output<typeof changeSchema>;

/**
 * Returns `count` changed by a number or by a percentage of itself. Percentages round as AWS step scaling does (User Guide,
 * "Scaling adjustment types"): above 1 down, between 0 and 1 to 1, between -1 and 0 to -1, below -1 towards zero.
 * From zero a positive percentage still adds one, or a percentage could never leave zero.
 */
export function changeBy(count: number, change: Change): number {
  if (typeof change === 'number') return count + change;
  const percent = Number.parseFloat(change);
  return count + roundAdjustment((count * percent) / 100, percent);
}

function roundAdjustment(exact: number, percent: number): number {
  if (percent === 0) return 0;
  if (Math.abs(exact) < 1) return exact === 0 && percent < 0 ? 0 : Math.sign(percent);
  return Math.trunc(exact);
}
