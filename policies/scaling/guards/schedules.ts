import { openWindow } from '../../grammar/cron.ts';
import { type Guard, pass } from './guard.ts';

/** Time-of-day floors and ceilings: the highest open floor and the lowest open ceiling count, and the floor wins. */
export const schedules: Guard = (proposed, { scaling, queue, current, now }) => {
  let floor: { count: number; cron: string } | undefined;
  let ceiling: { count: number; cron: string } | undefined;
  for (const entry of scaling.schedules) {
    if (!openWindow(entry.cron, entry.timezone, entry.duration, now)) continue;
    if (entry.minWorkers !== undefined && entry.minWorkers > (floor?.count ?? -1))
      floor = { count: entry.minWorkers, cron: entry.cron };
    if (entry.maxWorkers !== undefined && entry.maxWorkers < (ceiling?.count ?? Number.POSITIVE_INFINITY))
      ceiling = { count: entry.maxWorkers, cron: entry.cron };
  }
  if (floor && proposed < floor.count) return { to: floor.count, because: `floor of schedule "${floor.cron}"` };
  if (ceiling && proposed > ceiling.count) {
    const to = Math.max(ceiling.count, floor?.count ?? 0);
    // A ceiling is a change of bounds, but even that does not scale in on a failed reading.
    if (!queue && to < current) return pass(proposed, `ceiling of schedule "${ceiling.cron}" waits for a good reading`);
    return { to, because: `ceiling of schedule "${ceiling.cron}"` };
  }
  return pass(proposed, floor || ceiling ? 'within the open schedule' : 'no schedule is open');
};
