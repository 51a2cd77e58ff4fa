import { z } from 'zod';
import { cronFindings, openWindow } from '../../grammar/cron.ts';
import { cronWindow, workers } from '../../grammar/fields.ts';
import { within } from '../../grammar/finding.ts';
import { defineStrategy } from './strategy.ts';

const schema = z
  .strictObject({
    type: z.literal('schedule'),
    entries: z
      .array(z.strictObject({ ...cronWindow, workers: workers('workers while it lasts') }))
      .min(1)
      .max(100),
  })
  .meta({ description: 'Fixed counts by cron; outside every entry it proposes minWorkers. The largest entry wins.' });

/** Fixed counts by cron: the largest of the entries that are open now, or minWorkers when none is. */
export const schedule = defineStrategy({
  type: 'schedule',
  schema,

  findings: ({ entries }) =>
    entries.flatMap(({ cron, timezone }, i) => within(['entries', i], cronFindings(cron, timezone))),

  propose({ entries }, { now, minWorkers }) {
    let best: { workers: number; because: string } | undefined;
    for (const entry of entries) {
      if (best && best.workers >= entry.workers) continue;
      const open = openWindow(entry.cron, entry.timezone, entry.duration, now);
      if (!open) continue;
      best = {
        workers: entry.workers,
        because: `schedule "${entry.cron}" ${entry.timezone} asks for ${entry.workers} until ${new Date(open.end).toISOString()}`,
      };
    }
    return best
      ? { desired: best.workers, because: best.because }
      : { desired: minWorkers, because: 'no schedule entry is open' };
  },
});
