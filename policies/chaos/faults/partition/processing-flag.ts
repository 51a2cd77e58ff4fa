/**
 * partition, method processingFlag: a parameter that workers poll asks them to pause. The value carries its end, so that the
 * pause ends even when nobody resets the parameter.
 */
import { z } from 'zod';
import { formatDuration } from '../../../grammar/duration.ts';
import type { Instant } from '../../../model/observation.ts';
import { defineFault } from '../../fault.ts';
import { cut, cutOff, cutOffFor, isGone, isOver, lasts, receivesStopped } from './method.ts';

const schema = z.strictObject({
  ...cutOff,
  method: z.literal('processingFlag'),
  ...cutOffFor,
  parameter: z
    .string()
    .regex(/^\/[\w./-]+$/, 'must be the name of a parameter, such as /sluice/flags/jobs')
    .meta({ description: 'the parameter that workers poll' }),
});

const injection = z.object({
  method: z.literal('processingFlag'),
  ...cut,
  parameter: z.string(),
  /** The former value. */
  restore: z.string(),
});

/** The value of a flag that nobody has set. */
const RUNNING = 'running';

export const processingFlag = defineFault({
  type: 'partition',
  method: 'processingFlag',
  schema,
  injection,
  needsMessages: true,
  lasts,
  parameters: ({ parameter }) => [{ path: ['parameter'], name: parameter }],
  requiredReadings: ({ parameter }) => ({ flag: parameter }),
  revertReadings: ({ parameter }) => ({ flag: parameter }),

  plan({ duration, parameter }, { seen, now }) {
    const flag = seen.chaos?.flag;
    if (!flag?.ok) return { refused: `the parameter ${parameter} could not be read` };
    if (isPaused(flag.value, now)) return { refused: `${parameter} already says ${JSON.stringify(flag.value)}` };
    return {
      injection: {
        method: 'processingFlag',
        until: now + duration,
        parameter,
        restore: flag.value === undefined || hasEnd(flag.value) ? RUNNING : flag.value,
      },
      summary: `pause workers through ${parameter} for ${formatDuration(duration)}`,
    };
  },

  /** The parameter is replaced whole, so its present value must have been read in this tick. */
  inject: ({ parameter, until }, { run, seen }) =>
    run.injectedAt === undefined && seen.chaos?.flag?.ok
      ? [{ kind: 'SetFlag', parameter, value: pausedUntil(until), run: run.id, purpose: 'inject' }]
      : [],
  isInPlace: (_, { run }) => run.injectedAt !== undefined,
  isOver,

  inverse: ({ parameter, restore, until }, run) => [
    { kind: 'SetFlag', parameter, value: restore, onlyIf: pausedUntil(until), run, purpose: 'revert' },
  ],

  /**
   * A value that somebody else wrote stays, and ends the revert. The former value counts only after our own revert: a
   * reading right after the injection may show the state before it.
   */
  isReverted({ until, restore }, { run, seen }) {
    const flag = seen.chaos?.flag;
    if (!flag?.ok || flag.value === pausedUntil(until)) return false;
    return run.removedAt !== undefined || isForeign(flag.value, { until, restore });
  },

  isEffective: receivesStopped,

  isStanding: ({ until }, { seen }) =>
    seen.chaos?.flag?.ok ? seen.chaos.flag.value === pausedUntil(until) : undefined,

  disturbed({ until, restore, parameter }, { run, seen }) {
    const flag = seen.chaos?.flag;
    if (run.phase !== 'active' || !flag?.ok) return undefined;
    if (!isForeign(flag.value, { until, restore }) && !isGone(run)) return undefined;
    return flag.value === undefined
      ? `somebody deleted ${parameter}`
      : `somebody set ${parameter} to ${JSON.stringify(flag.value)}`;
  },
});

/** Returns true for a value that is neither ours nor the one before it. */
const isForeign = (value: string | undefined, { until, restore }: { until: Instant; restore: string }): boolean =>
  value !== undefined && value !== pausedUntil(until) && value !== restore;

const hasEnd = (value: string): boolean => value.startsWith('paused until ');

function isPaused(value: string | undefined, now: Instant): boolean {
  if (value === undefined || !value.startsWith('paused')) return false;
  return !hasEnd(value) || Date.parse(value.slice('paused until '.length)) > now;
}

const pausedUntil = (until: Instant): string => `paused until ${new Date(until).toISOString()}`;
