/** drain: the desired count goes to 0, stays there for a while, and returns to the count that the rules ask for. */
import { z } from 'zod';
import { formatDuration } from '../../grammar/duration.ts';
import { duration, wholeCount } from '../../grammar/fields.ts';
import type { Action } from '../../model/action.ts';
import type { Instant } from '../../model/observation.ts';
import type { Run } from '../../model/run.ts';
import { defineFault, type RunContext } from '../fault.ts';

const schema = z
  .strictObject({
    type: z.literal('drain'),
    hold: duration('how long no worker runs. Default: 30s', { max: '1d' }).default(30_000),
    // Without a default in the schema: an upgrade must not look like an edit, which would end the runs it finds.
    emptyWithin: duration(
      'how long to wait for the workers to be gone; then the hold begins with those that are left. Default: 30s',
      { max: '1d' },
    ).optional(),
  })
  .meta({ description: 'Sets the desired count to 0, waits for the workers to be gone, holds, restores.' });

/** The stop timeout of ECS, after which it kills a worker that does not end; a protected worker may take much longer. */
const EMPTY_WITHIN_MS = 30_000;

const injection = z.object({
  /** Milliseconds without workers. */
  hold: z.number(),
  /** Milliseconds from the first write to a hold with whatever workers are left. A plan of an earlier version has no such bound. */
  emptyWithin: z.number().optional(),
  /** The desired count before the drain, for the case that the rules have none to ask for. */
  restore: wholeCount,
});

/** Returns the time at which the hold begins even though workers are left. */
const latestHold = ({ emptyWithin = Number.POSITIVE_INFINITY }: z.output<typeof injection>, run: Run): Instant =>
  (run.injectedAt ?? run.startedAt) + emptyWithin;

/** Returns the workers that are left, and how many of them are protected, as far as a reading since the drain tells. */
function left({ run, seen, now }: RunContext): Run['left'] {
  const since = run.injectedAt ?? run.startedAt;
  const workers = seen.service.ok ? seen.service.value.running + seen.service.value.pending : 0;
  if (workers === 0) return undefined;
  const look = seen.protection?.ok && seen.protection.at >= since ? seen.protection.value : undefined;
  const guarded = look && look.tasks >= workers ? { protected: Math.min(look.protected, workers) } : {};
  return { workers, ...guarded, after: now - since };
}

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

  plan({ hold, emptyWithin = EMPTY_WITHIN_MS }, { seen }) {
    if (!seen.service.ok) return { refused: 'the service could not be read' };
    const { desired } = seen.service.value;
    if (desired === 0) return { refused: 'the desired count is 0: there is nothing to drain' };
    return {
      injection: { hold, restore: desired, emptyWithin },
      summary: `drain ${desired} ${desired === 1 ? 'worker' : 'workers'}, hold for ${formatDuration(hold)}`,
    };
  },

  inject: (_, context) => setCount(context, 0, 'inject'),
  isInPlace: (plan, { run, seen, now }) =>
    seen.service.ok &&
    seen.service.value.desired === 0 &&
    (seen.service.value.running + seen.service.value.pending === 0 || now >= latestHold(plan, run)),
  left: (_, context) => left(context),
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
