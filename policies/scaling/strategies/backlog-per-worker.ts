import { z } from 'zod';
import { count } from '../../grammar/words.ts';
import { countDelayed, delayedPart } from './delayed.ts';
import { defineStrategy } from './strategy.ts';

const schema = z
  .strictObject({
    type: z.literal('backlogPerWorker'),
    target: z.number().positive().meta({ description: 'messages that one worker should have before it' }),
    tolerance: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .meta({ description: 'share by which the ratio may differ before anything changes' }),
    countInFlight: z
      .boolean()
      .default(true)
      .meta({ description: 'count messages that workers hold, as well as visible ones' }),
    countDelayed,
  })
  .meta({ description: 'ceil((visible + inFlight) / target) workers.' });

/**
 * ceil(backlog / target), where the backlog is all visible, (unless switched off) in-flight and (if switched on) delayed
 * messages. As in the Kubernetes HPA, a ratio within the tolerance of 1 changes nothing; unlike it, the whole step is made at once, also from
 * zero.
 */
export const backlogPerWorker = defineStrategy({
  type: 'backlogPerWorker',
  schema,

  propose({ target, tolerance, countInFlight, countDelayed }, { queue, current }) {
    const { extra, words } = delayedPart(countDelayed, queue.delayed);
    const backlog = queue.visible + (countInFlight ? queue.inFlight : 0) + extra;
    const held = countInFlight ? ` + ${queue.inFlight} in flight` : '';
    const counted = `${queue.visible} visible${held}${words}`;
    const desired = Math.ceil(backlog / target);
    if (current > 0 && backlog > 0) {
      const ratio = backlog / (current * target);
      if (Math.abs(ratio - 1) <= tolerance)
        return {
          desired: current,
          because: `${counted} for ${count(current, 'worker')} is ${ratio.toFixed(2)}x the target of ${target} each, within the tolerance of ${tolerance}`,
        };
    }
    return { desired, because: `(${counted}) / ${target} each = ${desired}` };
  },
});
