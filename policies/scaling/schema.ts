/** The scaling section of the document. */
import { z } from 'zod';
import { cronWindow, duration, workers } from '../grammar/fields.ts';
import type { QueueRef } from '../grammar/queue-name.ts';
import { pauseWhileSchema } from './brake.ts';
import { budgetSchema } from './budget.ts';
import { strategyOf, strategySchema } from './strategies/index.ts';

const COOLDOWN = 'Default: 60s; 0s when targetWait is the only strategy';

const maxStep = z
  .union([z.int().min(1), z.string().regex(/^\d+(\.\d+)?%$/)], {
    error: 'must be a whole number from 1, or a percentage such as "50%"',
  })
  .optional()
  .meta({ description: 'most workers changed at a time: a count, or a percentage of the present count' });

const fields = z.strictObject({
  minWorkers: workers('never fewer workers, except while a chaos experiment runs'),
  maxWorkers: workers('never more workers'),
  concurrency: z.int().min(1).max(10_000).optional().meta({
    description:
      'messages that one worker holds at a time (threads and prefetch); used by keepInFlight and to see idle workers of FIFO queues. Default: 1; targetWait learns it',
  }),
  strategies: z
    .array(strategySchema)
    .max(10)
    .default([])
    .meta({ description: 'each proposes a count; the largest wins' }),
  scaleUp: z
    .strictObject({
      cooldown: duration(`shortest time between two scale-ups. ${COOLDOWN}`, { max: '1d' }).optional(),
      maxStep,
      pauseWhile: pauseWhileSchema.optional(),
    })
    .prefault({}),
  scaleDown: z
    .strictObject({
      cooldown: duration(`shortest time between two scale-downs. ${COOLDOWN}`, { max: '1d' }).optional(),
      stabilizationWindow: duration(
        'scale-down goes no lower than the largest count proposed in this time. Default: 0s',
        { max: '1d' },
      ).default(0),
      keepInFlight: z.boolean().default(true).meta({ description: 'never fewer workers than hold messages' }),
      maxStep,
    })
    .prefault({}),
  budget: budgetSchema.optional(),
  deploymentTimeout: duration('longest time that a deployment in progress prevents scale-in. Default: 30m', {
    max: '1d',
  }).default(30 * 60_000),
  schedules: z
    .array(
      z.strictObject({
        ...cronWindow,
        minWorkers: workers('floor while it lasts').optional(),
        maxWorkers: workers('ceiling while it lasts').optional(),
      }),
    )
    .max(100)
    .default([])
    .meta({ description: 'time-of-day floors and ceilings' }),
});

/** Most strategies do not count capacity that is on its way, so a cooldown that is left out is a minute. */
const COOLDOWN_MS = 60_000;

export const scaling = fields.transform((given) => {
  const { strategies } = given;
  const paced = strategies.length > 0 && strategies.every((spec) => strategyOf(spec).pacesItself);
  const cooldown = paced ? 0 : COOLDOWN_MS;
  return {
    ...given,
    scaleUp: { ...given.scaleUp, cooldown: given.scaleUp.cooldown ?? cooldown },
    scaleDown: { ...given.scaleDown, cooldown: given.scaleDown.cooldown ?? cooldown },
  };
});

export type ScalingSpec = z.output<typeof scaling>;

/** The part of a policy that the scaling rules look at. Milliseconds. */
export interface ScalingPolicy {
  spec: {
    mode: 'enforce' | 'observe' | 'paused';
    interval: number;
    scaling: ScalingSpec;
    queues?: readonly QueueRef[];
  };
}
