/**
 * The WorkerPolicy document: its shape, its defaults and, through zod, its JSON Schema for editors.
 *
 * What one field allows is said here; what several fields must satisfy together is said in checks.ts. Every object is
 * strict: an unknown field is an error, because a misspelt `maxWorker` that is silently ignored costs an incident.
 */
import { z } from 'zod';
import { chaos } from '../chaos/schema.ts';
import { cron, duration, MAX_WORKERS, NAME, name, timezone, workers } from '../grammar/fields.ts';

/** A change in workers: a count, or a percentage of the present count such as "50%". */
const change = z
  .union([z.int(), z.string().regex(/^[+-]?\d+(\.\d+)?%$/)], {
    error: 'must be a whole number, or a percentage such as "50%"',
  })
  .meta({ description: 'workers to add (or, negative, to remove): a count or a percentage such as "-25%"' });

const threshold = z
  .strictObject({
    type: z.literal('threshold'),
    scaleUpThreshold: z.number().positive().default(5).meta({ description: 'up when visible > workers * this' }),
    scaleDownThreshold: z.number().min(0).default(2).meta({ description: 'down when visible < workers * this' }),
    step: z.int().min(1).max(MAX_WORKERS).default(1).meta({ description: 'workers added or removed at a time' }),
  })
  .meta({ description: 'The plain rule: compare visible messages with the workers there are, strictly.' });

const backlogPerWorker = z
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
  })
  .meta({ description: 'ceil((visible + inFlight) / target) workers.' });

const band = z.strictObject({
  from: z.number().min(0).meta({ description: 'lower edge, inclusive: messages, or seconds of age' }),
  to: z.number().positive().optional().meta({ description: 'upper edge, exclusive; open when left out' }),
  change,
});

const step = z
  .strictObject({
    type: z.literal('step'),
    metric: z.enum(['visible', 'backlog', 'oldestAge']).default('visible').meta({
      description: "visible messages, backlog (visible and in flight), or the oldest message's age in seconds",
    }),
    bands: z
      .array(band)
      .min(1)
      .max(50)
      .meta({ description: 'in rising order, without overlap; between bands nothing changes' }),
  })
  .meta({ description: 'Bands of queue depth or age, each with a change in count or percent (as AWS step scaling).' });

const scheduleEntry = {
  cron,
  duration: duration('how long each occurrence lasts', { min: '1m', max: '31d' }),
  timezone,
};

const schedule = z
  .strictObject({
    type: z.literal('schedule'),
    entries: z
      .array(z.strictObject({ ...scheduleEntry, workers: workers('workers while it lasts') }))
      .min(1)
      .max(100),
  })
  .meta({ description: 'Fixed counts by cron; outside every entry it proposes minWorkers. The largest entry wins.' });

const targetWait = z
  .strictObject({
    type: z.literal('targetWait'),
    targetWait: duration('how long a message may wait for a worker. Default: 60s', { min: '1s', max: '1d' }).default(
      60_000,
    ),
    serviceTime: duration('hint: how long one message takes; learned all the same', {
      min: '1ms',
      max: '1d',
    }).optional(),
    startUp: duration('hint: how long a new worker takes to its first message; learned all the same', {
      max: '1h',
    }).optional(),
    taskProtection: z.boolean().default(false).meta({
      description: 'hint: workers protect themselves (ECS task scale-in protection) while they hold a message',
    }),
  })
  .meta({ description: 'The fewest workers with which messages wait at most targetWait; everything else is learned.' });

const strategy = z.discriminatedUnion('type', [threshold, backlogPerWorker, step, schedule, targetWait]);

const COOLDOWN = 'Default: 60s; 0s when targetWait is the only strategy';

const maxStep = z
  .union([z.int().min(1), z.string().regex(/^\d+(\.\d+)?%$/)], {
    error: 'must be a whole number from 1, or a percentage such as "50%"',
  })
  .optional()
  .meta({ description: 'most workers changed at a time: a count, or a percentage of the present count' });

const scalingFields = z.strictObject({
  minWorkers: workers('never fewer workers, except while a chaos experiment runs'),
  maxWorkers: workers('never more workers'),
  concurrency: z.int().min(1).max(10_000).optional().meta({
    description:
      'messages that one worker holds at a time (threads and prefetch); used by keepInFlight. Default: 1; targetWait learns it',
  }),
  strategies: z.array(strategy).max(10).default([]).meta({ description: 'each proposes a count; the largest wins' }),
  scaleUp: z
    .strictObject({
      cooldown: duration(`least time between two scale-ups. ${COOLDOWN}`, { max: '1d' }).optional(),
      maxStep,
    })
    .prefault({}),
  scaleDown: z
    .strictObject({
      cooldown: duration(`least time between two scale-downs. ${COOLDOWN}`, { max: '1d' }).optional(),
      stabilizationWindow: duration('the largest count proposed in this time is what scale-down goes to. Default: 0s', {
        max: '1d',
      }).default(0),
      keepInFlight: z.boolean().default(true).meta({ description: 'never fewer workers than hold messages' }),
      maxStep,
    })
    .prefault({}),
  schedules: z
    .array(
      z.strictObject({
        ...scheduleEntry,
        minWorkers: workers('floor while it lasts').optional(),
        maxWorkers: workers('ceiling while it lasts').optional(),
      }),
    )
    .max(100)
    .default([])
    .meta({ description: 'time-of-day floors and ceilings' }),
});

/**
 * A cooldown that is left out is a minute, as for every rule that counts no capacity that is still on its way. targetWait
 * does, and paces itself: beside it alone there is none.
 */
const scaling = scalingFields.transform((given) => {
  const paced = given.strategies.length > 0 && given.strategies.every(({ type }) => type === 'targetWait');
  const cooldown = paced ? 0 : 60_000;
  return {
    ...given,
    scaleUp: { ...given.scaleUp, cooldown: given.scaleUp.cooldown ?? cooldown },
    scaleDown: { ...given.scaleDown, cooldown: given.scaleDown.cooldown ?? cooldown },
  };
});

const alert = z.strictObject({
  name: name("the alert's name"),
  metric: z.enum([
    'oldestAge',
    'visible',
    'inFlight',
    'backlogPerWorker',
    'runningWorkers',
    'desiredWorkers',
    'failedTicks',
  ]),
  above: z
    .union([z.number(), duration('')])
    .optional()
    .meta({ description: 'fires above this: a number, or for oldestAge a duration' }),
  below: z
    .union([z.number(), duration('')])
    .optional()
    .meta({ description: 'fires below this: a number, or for oldestAge a duration' }),
  for: duration('how long it must hold before the alert fires. Default: 0s', { max: '1d' }).default(0),
  severity: z.enum(['warning', 'critical']).default('warning'),
});

const text = z.string().max(512);

export const workerPolicySchema = z
  .strictObject({
    apiVersion: z.literal('sluice/v1'),
    kind: z.literal('WorkerPolicy'),
    metadata: z.strictObject({
      name: name("the policy's name; equals the parameter's last path segment"),
      description: text.optional(),
      labels: z.record(z.string().regex(NAME), text).optional(),
    }),
    spec: z.strictObject({
      mode: z.enum(['enforce', 'observe', 'paused']).default('enforce').meta({
        description: 'enforce acts; observe decides and reports but writes nothing; paused does not decide',
      }),
      queue: z
        .strictObject({
          name: z.string().min(1).max(80).optional(),
          url: z
            .string()
            .regex(/^https?:\/\/[^\s]+$/, 'must be an http(s) URL')
            .optional(),
          arn: z
            .string()
            .regex(
              /^arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w.-]+$/,
              'must be an ARN such as arn:aws:sqs:eu-west-1:123456789012:jobs',
            )
            .optional(),
        })
        .meta({ description: 'the SQS queue: exactly one of name, url, arn' }),
      service: z.strictObject({
        cluster: z.string().min(1).max(255).default('default').meta({ description: 'ECS cluster, name or ARN' }),
        name: z.string().min(1).max(255).meta({ description: 'ECS service, name or ARN' }),
      }),
      interval: duration('time between two ticks. Default: 10s', { min: '1s', max: '5m' }).default(10_000),
      scaling,
      chaos: chaos.prefault({}),
      alerts: z.array(alert).max(50).default([]),
    }),
  })
  .meta({ title: 'WorkerPolicy', description: 'Desired behaviour of one ECS service of queue workers (Sluice).' });

type Parsed = z.output<typeof workerPolicySchema>;

/** A policy in force. Durations are milliseconds. `metadata.generation` is the SSM parameter's version (0: not stored). */
export type WorkerPolicy = Omit<Parsed, 'metadata'> & { metadata: Parsed['metadata'] & { generation: number } };
export type PolicyInput = z.input<typeof workerPolicySchema>;
export type PolicySpec = WorkerPolicy['spec'];
export type ScalingSpec = PolicySpec['scaling'];
export type StrategySpec = ScalingSpec['strategies'][number];
export type StrategyOf<T extends StrategySpec['type']> = Extract<StrategySpec, { type: T }>;
export type AlertSpec = PolicySpec['alerts'][number];
export type Change = z.output<typeof change>;

/** JSON Schema (draft 2020-12) of what an author writes, for editors: `sluice policy schema`. */
export function policyJsonSchema(): object {
  return z.toJSONSchema(workerPolicySchema, { io: 'input', unrepresentable: 'any' });
}
