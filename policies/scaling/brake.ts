import { z } from 'zod';
import { duration } from '../grammar/fields.ts';

/** The brake of a scaling section: `scaleUp.pauseWhile`. */
export const pauseWhileSchema = z
  .strictObject({
    alarms: z
      .array(z.string().min(1).max(255))
      .min(1)
      .max(20)
      .meta({ description: 'names of CloudWatch alarms, composite ones too' }),
    shrinkBy: z
      .union([z.int().min(1), z.string().regex(/^\d+(\.\d+)?%$/)], {
        error: 'must be a whole number from 1, or a percentage such as "25%"',
      })
      .optional()
      .meta({
        description:
          'workers removed at a time while an alarm is in ALARM, down to minWorkers: a count, or a percentage of the present count',
      }),
    shrinkEvery: duration('shortest time between two such removals. Default: 1m', { min: '1s', max: '1d' }).default(
      60_000,
    ),
    whenUnreadable: z.enum(['pause', 'ignore']).default('pause').meta({
      description: 'an alarm that cannot be read, or that does not exist, pauses scale-up (pause) or not (ignore)',
    }),
  })
  .meta({
    description: 'no scale-up while one of these CloudWatch alarms is in ALARM: a brake for what stands behind',
  });

export type PauseWhile = z.output<typeof pauseWhileSchema>;
