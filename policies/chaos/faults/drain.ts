/** drain: the desired count goes to 0, stays there for a while, and returns to the count that the rules ask for. */
import { z } from 'zod';
import { formatDuration } from '../../grammar/duration.ts';
import { duration, wholeCount } from '../../grammar/fields.ts';
import type { Action } from '../../model/action.ts';
import { defineFault, type RunContext } from '../fault.ts';

const schema = z
  .strictObject({
    type: z.literal('drain'),
    hold: duration('how long no worker runs. Default: 30s', { max: '1d' }).default(30_000),
  })
  .meta({ description: 'Sets the desired count to 0, waits until nothing runs, holds, restores.' });

const injection = z.object({
  /** Milliseconds without workers. */
  hold: z.number(),
  /** The desired count before the drain, for the case that the rules have none to ask for. */
  restore: wholeCount,
});

function setCount({ run, seen }: RunContext, desiredCount: number, purpose: 'inject' | 'revert'): Action[] {
  const from = seen.service.ok ? seen.service.value.desired : undefined;
  // A revert does not wait for a good read: it writes even when the present count could not be read.
  if (from === desiredCount || (from === undefined && purpose === 'inject')) return [];
  return [{ kind: 'UpdateService', desiredCount, from: from ?? 0, run: run.id, purpose }];
}

export const drain = defineFault({
  type: 'drain',
  schema,
  injection,
  holdsCount: () => 0,
  lasts: ({ hold }) => hold,
  requiredReadings: () => ({}),

  plan({ hold }, { seen }) {
    if (!seen.service.ok) return { refused: 'the service could not be read' };
    const { desired } = seen.service.value;
    if (desired === 0) return { refused: 'the desired count is 0: there is nothing to drain' };
    return {
      injection: { hold, restore: desired },
      summary: `drain ${desired} ${desired === 1 ? 'worker' : 'workers'}, hold for ${formatDuration(hold)}`,
    };
  },

  inject: (_, context) => setCount(context, 0, 'inject'),
  isInPlace: (_, { seen }) =>
    seen.service.ok &&
    seen.service.value.desired === 0 &&
    seen.service.value.running + seen.service.value.pending === 0,
  isOver: ({ hold }, { run, now }) => run.activeAt !== undefined && now >= run.activeAt + hold,

  inverse: ({ restore }, run) => [{ kind: 'UpdateService', desiredCount: restore, from: 0, run, purpose: 'revert' }],
  revert: (_, context) => setCount(context, context.wanted, 'revert'),
  /** A count that somebody else set during the drain is not written over: the scaling rules go on from it. */
  isReverted: (_, { run, seen, wanted }) =>
    seen.service.ok &&
    (seen.service.value.desired === wanted || (run.reason === 'undone' && seen.service.value.desired > 0)),

  isEffective: (_, { seen, run }) => seen.service.ok && seen.service.value.running < run.before.desired,

  disturbed(_, { seen, run }) {
    if (run.phase !== 'active' || !seen.service.ok || seen.service.value.desired === 0) return undefined;
    return `somebody set the desired count to ${seen.service.value.desired} during the drain`;
  },
});
