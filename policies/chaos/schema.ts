/** The chaos section of the document. */
import { z } from 'zod';
import { cron, duration, name, timezone, workers } from '../grammar/fields.ts';
import { faultSchema } from './faults/index.ts';

const stopWhenFields = {
  oldestAge: duration('the oldest message is older than this', { min: '1s' }).optional(),
  visible: z.int().min(1).optional().meta({ description: 'more messages than this are visible' }),
  alarm: z.string().min(1).max(255).optional().meta({ description: 'this CloudWatch alarm is in state ALARM' }),
};

const trigger = z
  .strictObject({
    cron: cron.optional(),
    timezone,
    every: duration('time between two occurrences', { min: '10s', max: '31d' }).optional(),
    jitter: duration('each occurrence is up to this much later, at random', { max: '1d' }).optional(),
    meanTimeBetween: duration('mean of the exponentially distributed times between occurrences', {
      min: '1m',
      max: '31d',
    }).optional(),
    manual: z.literal(true).optional().meta({ description: 'only on request: sluice chaos run' }),
  })
  .meta({ description: 'exactly one of cron, every, meanTimeBetween, manual' });

const experiment = z.strictObject({
  name: name("the experiment's name"),
  enabled: z.boolean().default(true),
  fault: faultSchema,
  trigger: trigger.prefault({ manual: true }),
  hypothesis: z
    .strictObject({
      recoversWithin: duration("from the fault's end to a steady service with its former backlog. Default: 5m", {
        min: '1s',
        max: '1d',
      }).default(300_000),
      maxOldestAge: duration('the oldest message is never older').optional(),
      maxVisible: z.int().min(0).optional().meta({ description: 'never more visible messages' }),
    })
    .prefault({}),
  timeout: duration('the fault is reverted after this time at the latest. Default: 15m', {
    min: '10s',
    max: '1d',
  }).default(900_000),
  stopWhen: z.strictObject(stopWhenFields).prefault({}),
});

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day in quotes, such as "09:00"');

export const chaos = z.strictObject({
  enabled: z.boolean().default(false).meta({ description: 'master switch of failure simulation' }),
  seed: z.int().min(0).max(2_147_483_647).default(1).meta({ description: 'seeds every random choice' }),
  maxConcurrent: z.int().min(1).max(10).default(1).meta({ description: 'most experiments at a time' }),
  minHealthyWorkers: workers('stopTask never leaves fewer running workers').default(1),
  cooldown: duration("shortest time from one experiment's end to the next one's start. Default: 5m", {
    max: '31d',
  }).default(300_000),
  activeHours: z
    .strictObject({
      from: clock,
      to: clock,
      days: z.array(z.enum(DAYS)).min(1).default(['mon', 'tue', 'wed', 'thu', 'fri']),
      timezone,
    })
    .optional()
    .meta({ description: 'experiments start only then' }),
  stopWhen: z
    .strictObject({
      ...stopWhenFields,
      failedTicks: z.int().min(1).default(5).meta({ description: 'this many observations in a row failed' }),
    })
    .prefault({})
    .meta({ description: 'any of these ends every experiment and reverts it at once' }),
  onShutdown: z.enum(['revert', 'handOver']).default('revert').meta({
    description: 'on SIGTERM: revert running experiments, or hand them over to the next process',
  }),
  experiments: z.array(experiment).max(20).default([]),
});

export type ChaosSpec = z.output<typeof chaos>;
export type ExperimentSpec = ChaosSpec['experiments'][number];

/** The part of a policy that experiments look at. */
export interface ChaosPolicy {
  metadata: { name: string };
  spec: { mode: 'enforce' | 'observe' | 'paused'; interval: number; chaos: ChaosSpec };
}
