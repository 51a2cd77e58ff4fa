import { z } from 'zod';
import { MAX_WORKERS } from '../../grammar/fields.ts';
import type { Finding } from '../../grammar/finding.ts';
import { count } from '../../grammar/words.ts';
import { countDelayed, delayedPart } from './delayed.ts';
import { defineStrategy } from './strategy.ts';

const schema = z
  .strictObject({
    type: z.literal('threshold'),
    scaleUpThreshold: z.number().positive().default(5).meta({ description: 'up when visible > workers * this' }),
    scaleDownThreshold: z.number().min(0).default(2).meta({ description: 'down when visible < workers * this' }),
    step: z.int().min(1).max(MAX_WORKERS).default(1).meta({ description: 'workers added or removed at a time' }),
    countDelayed,
  })
  .meta({ description: 'Compares the visible messages with the present workers, strictly.' });

/**
 * The plain rule: up by `step` when visible > workers * scaleUpThreshold, down by `step` when visible < workers *
 * scaleDownThreshold; strict comparisons.
 *
 * Zero is a special case, or the rule would toggle between 0 and 1 endlessly: from 0 it goes to as many workers as the
 * threshold asks for in one step, and it leaves 1 only when nothing is visible and nothing is in flight.
 */
export const threshold = defineStrategy({
  type: 'threshold',
  schema,
  findings: togglingFindings,

  propose({ scaleUpThreshold, scaleDownThreshold, step, countDelayed }, { queue, current }) {
    const { extra, words } = delayedPart(countDelayed, queue.delayed);
    const waiting = queue.visible + extra;
    const seen = `${queue.visible} visible${words}`;
    if (current === 0) {
      if (waiting === 0)
        return { desired: 0, because: `no worker and no visible${countDelayed ? ' or delayed' : ''} message` };
      const desired = Math.ceil(waiting / scaleUpThreshold);
      return {
        desired,
        because: `${seen} and no worker: ${desired} at ${scaleUpThreshold} each, in one step`,
      };
    }
    const workers = count(current, 'worker');
    const up = current * scaleUpThreshold;
    if (waiting > up)
      return {
        desired: current + step,
        because: `${seen} is above ${up} = ${workers} x ${scaleUpThreshold}`,
      };
    const down = current * scaleDownThreshold;
    if (waiting < down) {
      const because = `${seen} is below ${down} = ${workers} x ${scaleDownThreshold}`;
      const desired = Math.max(0, current - step);
      if (desired === 0 && waiting + queue.inFlight > 0)
        return {
          desired: 1,
          because: `${because}, but 1 worker stays for ${seen} and ${queue.inFlight} in flight`,
        };
      return { desired, because };
    }
    return { desired: current, because: `${seen} is between ${down} and ${up}` };
  },
});

/**
 * Finds thresholds with which a step up is followed by a step down on the same backlog: with w workers, more than up * w
 * messages made it w + step, and fewer than down * (w + step) would undo it. For step 1 the tightest case, w = 1, gives
 * down <= up / 2.
 */
function togglingFindings(
  { scaleUpThreshold: up, scaleDownThreshold: down, step }: z.output<typeof schema>,
  { minWorkers, maxWorkers }: { minWorkers: number; maxWorkers: number },
): Finding[] {
  // Bounds that allow one count only leave nothing to toggle between.
  if (minWorkers === maxWorkers) return [];
  const w = step === 1 ? 1 : Math.max(1, minWorkers);
  const most = (up * w) / (w + step);
  if (down <= most) return [];
  const short = (value: number): number => Number(value.toFixed(3));
  const rule =
    step === 1 ? `half of scaleUpThreshold (${most})` : `${short(most)} (scaleUpThreshold * ${w}/${w + step})`;
  return [
    {
      path: ['scaleDownThreshold'],
      message: `${down} is above ${rule}: the fleet would scale up and down endlessly`,
      hint: `lower scaleDownThreshold to ${short(most)} or raise scaleUpThreshold to ${short((down * (w + step)) / w)}`,
    },
  ];
}
