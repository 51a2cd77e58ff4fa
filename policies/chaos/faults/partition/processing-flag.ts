/** A parameter that workers poll asks them to pause. The value carries its end, so that it is over even if nobody resets it. */
import { formatDuration } from '../../../grammar/duration.ts';
import type { Instant } from '../../../model/observation.ts';
import type { Fault } from '../../fault.ts';
import type { PartitionSpec } from '../partition.ts';

export interface Pause {
  until: Instant;
  parameter: string;
  /** What it said before. */
  restore: string;
}

/** What a flag says that nobody has set. */
const RUNNING = 'running';

export const processingFlag: Fault<PartitionSpec, Pause> = {
  requiredReadings: ({ parameter = '' }) => ({ flag: parameter }),

  plan({ duration, parameter = '' }, { seen, now }) {
    const flag = seen.chaos?.flag;
    if (!flag?.ok) return { refused: `the parameter ${parameter} could not be read` };
    if (isPaused(flag.value, now)) return { refused: `${parameter} says ${flag.value} already` };
    return {
      injection: {
        until: now + duration,
        parameter,
        restore: flag.value === undefined || hasEnd(flag.value) ? RUNNING : flag.value,
      },
      summary: `pause workers through ${parameter} for ${formatDuration(duration)}`,
    };
  },

  inject: ({ parameter, until }, { run }) =>
    run.injectedAt === undefined
      ? [{ kind: 'SetFlag', parameter, value: pausedUntil(until), run: run.id, purpose: 'inject' }]
      : [],
  isInPlace: (_, { run }) => run.injectedAt !== undefined,
  isOver: ({ until }, { now }) => now >= until,

  revert({ parameter, restore, until }, { run, seen }) {
    const flag = seen.chaos?.flag;
    // Somebody else's value is theirs: only what we wrote is taken back.
    const gone = flag?.ok === true && flag.value !== pausedUntil(until) && run.removedAt !== undefined;
    if (gone) return { actions: [], gone };
    return { actions: [{ kind: 'SetFlag', parameter, value: restore, run: run.id, purpose: 'revert' }], gone };
  },

  isEffective: () => false,
};

const hasEnd = (value: string): boolean => value.startsWith('paused until ');

function isPaused(value: string | undefined, now: Instant): boolean {
  if (value === undefined || !value.startsWith('paused')) return false;
  return !hasEnd(value) || Date.parse(value.slice('paused until '.length)) > now;
}

const pausedUntil = (until: Instant): string => `paused until ${new Date(until).toISOString()}`;
