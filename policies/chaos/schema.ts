/** The chaos section of the document, and the list of faults: a new one is its own file, a line or two here, and the docs. */
import { z } from 'zod';
import { cron, duration, name, timezone, workers } from '../grammar/fields.ts';
import type { Fault } from './fault.ts';
import { drain, drainSchema } from './faults/drain.ts';
import { partition, partitionSchema } from './faults/partition.ts';
import { stopTask, stopTaskSchema } from './faults/stop-task.ts';

const FAULTS = { stopTask, drain, partition };
const faultSchema = z.discriminatedUnion('type', [stopTaskSchema, drainSchema, partitionSchema]);

export type FaultSpec = z.output<typeof faultSchema>;
type InjectionOf<F> = F extends Fault<infer _, infer I> ? I : never;
/** What a fault has planned, with the fault's type. */
export type Injection = {
  [K in keyof typeof FAULTS]: { type: K } & InjectionOf<(typeof FAULTS)[K]>;
}[keyof typeof FAULTS];

/** The fault's functions. They are only ever given what they themselves have planned. */
export const faultOf = (type: FaultSpec['type']): Fault<FaultSpec, Injection> =>
  FAULTS[type] as unknown as Fault<FaultSpec, Injection>;

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
    jitter: duration('up to so much later, drawn for each occurrence', { max: '1d' }).optional(),
    meanTimeBetween: duration('mean of exponentially distributed times between occurrences', {
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
      recoversWithin: duration("from the fault's end to a steady service with the backlog of before. Default: 5m", {
        min: '1s',
        max: '1d',
      }).default(300_000),
      maxOldestAge: duration('the oldest message is never older').optional(),
      maxVisible: z.int().min(0).optional().meta({ description: 'never more visible messages' }),
    })
    .prefault({}),
  timeout: duration('the fault is reverted at the latest after this. Default: 15m', { min: '10s', max: '1d' }).default(
    900_000,
  ),
  stopWhen: z.strictObject(stopWhenFields).prefault({}),
});

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day in quotes, such as "09:00"');

export const chaos = z.strictObject({
  enabled: z.boolean().default(false).meta({ description: 'master switch of failure simulation' }),
  seed: z.int().min(0).max(2_147_483_647).default(1).meta({ description: 'of everything random' }),
  maxConcurrent: z.int().min(1).max(10).default(1).meta({ description: 'experiments at a time' }),
  minHealthyWorkers: workers('stopTask never leaves fewer running workers').default(1),
  cooldown: duration("least time from one experiment's end to the next one's start. Default: 5m", {
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
      failedTicks: z.int().min(1).default(5).meta({ description: 'so many observations in a row failed' }),
    })
    .prefault({})
    .meta({ description: 'any of these aborts every experiment and reverts it at once' }),
  onShutdown: z.enum(['revert', 'handOver']).default('revert').meta({
    description: 'on SIGTERM: revert what runs, or leave it to the next process',
  }),
  experiments: z.array(experiment).max(20).default([]),
});

export type ChaosSpec = z.output<typeof chaos>;
export type ExperimentSpec = ChaosSpec['experiments'][number];
