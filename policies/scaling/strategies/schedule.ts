import { openWindow } from '../../grammar/cron.ts';
import type { Strategy } from './strategy.ts';

/** Fixed counts by cron: the largest of the entries that are open now, or minWorkers when none is. */
export const schedule: Strategy<'schedule'> = (spec, { now, minWorkers }) => {
  let best: { workers: number; because: string } | undefined;
  for (const entry of spec.entries) {
    const open = openWindow(entry.cron, entry.timezone, entry.duration, now);
    if (!open || (best && best.workers >= entry.workers)) continue;
    best = {
      workers: entry.workers,
      because: `schedule "${entry.cron}" ${entry.timezone} asks for ${entry.workers} until ${new Date(open.end).toISOString()}`,
    };
  }
  return best
    ? { desired: best.workers, because: best.because }
    : { desired: minWorkers, because: 'no schedule entry is open' };
};
