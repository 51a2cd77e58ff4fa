/** drain: the count goes to 0, stays there, and comes back to what the scaling rules ask for by then. */
import { z } from 'zod';
import { formatDuration } from '../../grammar/duration.ts';
import { duration } from '../../grammar/fields.ts';
import type { Action } from '../../model/action.ts';
import type { Fault, RunContext } from '../fault.ts';

export const drainSchema = z
  .strictObject({
    type: z.literal('drain'),
    hold: duration('how long no worker runs. Default: 30s', { max: '1d' }).default(30_000),
  })
  .meta({ description: 'Desired count to 0, wait until nothing runs, hold, restore.' });

interface Draining {
  hold: number;
  /** What the count was, for when nobody can say what the rules want. */
  restore: number;
}

const setCount = ({ run, seen }: RunContext, desiredCount: number, purpose: 'inject' | 'revert'): Action[] => {
  const from = seen.service.ok ? seen.service.value.desired : undefined;
  // What could not be read is written all the same on the way back: a revert does not wait for a good read.
  if (from === desiredCount || (from === undefined && purpose === 'inject')) return [];
  return [{ kind: 'UpdateService', desiredCount, from: from ?? 0, run: run.id, purpose }];
};

export const drain: Fault<z.output<typeof drainSchema>, Draining> = {
  holdsCount: true,
  requiredReadings: () => ({}),

  plan({ hold }, { seen }) {
    if (!seen.service.ok) return { refused: 'the service could not be read' };
    const { desired } = seen.service.value;
    if (desired === 0) return { refused: 'no worker is wanted: there is nothing to drain' };
    return {
      injection: { hold, restore: desired },
      summary: `drain ${desired} workers, hold for ${formatDuration(hold)}`,
    };
  },

  inject: (_, context) => setCount(context, 0, 'inject'),
  isInPlace: (_, { seen }) =>
    seen.service.ok &&
    seen.service.value.desired === 0 &&
    seen.service.value.running + seen.service.value.pending === 0,
  isOver: ({ hold }, { run, now }) => run.activeAt !== undefined && now >= run.activeAt + hold,

  revert(_, context) {
    const { seen, wanted } = context;
    return {
      actions: setCount(context, wanted, 'revert'),
      gone: seen.service.ok && seen.service.value.desired === wanted,
    };
  },

  isEffective: (_, { seen, run }) => seen.service.ok && seen.service.value.running < run.before.desired,

  disturbed(_, { seen, run }) {
    if (run.phase !== 'active' || !seen.service.ok || seen.service.value.desired === 0) return undefined;
    return `somebody set the count to ${seen.service.value.desired} during the drain`;
  },
};
