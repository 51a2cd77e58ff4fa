/**
 * The WorkerPolicy document: its shape, its defaults and, through zod, its JSON Schema for editors.
 *
 * Strategies, faults and their sections keep their schemas beside their rules; this file puts them together. Rules that
 * span several fields are in the rooms' findings.ts and in checks.ts. Every object is strict: an unknown field is an error,
 * because a misspelled `maxWorker` that is silently ignored costs an incident.
 */
import { z } from 'zod';
import { chaos } from '../chaos/schema.ts';
import { duration, NAME, name } from '../grammar/fields.ts';
import { scaling } from '../scaling/schema.ts';

const limit = z.union([z.number(), duration('')], { error: 'must be a number, or a duration such as 5m' });

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
  above: limit.optional().meta({ description: 'fires above this: a number, or for oldestAge a duration' }),
  below: limit.optional().meta({ description: 'fires below this: a number, or for oldestAge a duration' }),
  for: duration('how long the condition must hold before the alert fires. Default: 0s', { max: '1d' }).default(0),
  severity: z.enum(['warning', 'critical']).default('warning'),
});

const text = z.string().max(512);

const queueFields = {
  name: z.string().min(1).max(80).optional(),
  url: z
    .string()
    .regex(/^https?:\/\/[^\s]+$/, 'must be an http(s) URL')
    .optional(),
  arn: z
    .string()
    .regex(/^arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w.-]+$/, 'must be an ARN such as arn:aws:sqs:eu-west-1:123456789012:jobs')
    .optional(),
};
const queue = z.strictObject(queueFields).meta({ description: 'the SQS queue: exactly one of name, url, arn' });

const queues = z
  .array(
    z.strictObject({
      ...queueFields,
      weight: z.number().positive().max(1_000).default(1).meta({
        description: 'messages that one message of this queue counts for in threshold, backlogPerWorker and step',
      }),
    }),
  )
  .min(1)
  .max(20)
  .meta({ description: 'instead of queue: several SQS queues that the service works off' });

interface Queues {
  queue?: z.output<typeof queue> | undefined;
  queues?: z.output<typeof queues> | undefined;
}

/** A policy in force has its queues in a list; `queue` is the first of them, and the only one for most. */
function withQueues<S extends Queues>(given: S, context: z.core.$RefinementCtx) {
  if ((given.queue === undefined) === (given.queues === undefined)) {
    const message = given.queue ? 'stands beside queues; give one of them' : 'is missing; give queue or queues';
    context.addIssue({ code: 'custom', path: ['queue'], message });
  }
  const { weight: _, ...first } = { weight: 1, ...(given.queue ?? given.queues?.[0]) };
  return { ...given, queue: first, queues: given.queues ?? [{ ...first, weight: 1 }] };
}

export const workerPolicySchema = z
  .strictObject({
    apiVersion: z.literal('sluice/v1'),
    kind: z.literal('WorkerPolicy'),
    metadata: z.strictObject({
      name: name(
        "the policy's name; equals the parameter's last path segment",
        'policies stand directly below the prefix',
      ),
      description: text.optional(),
      labels: z.record(z.string().regex(NAME), text).optional(),
    }),
    spec: z
      .strictObject({
        mode: z.enum(['enforce', 'observe', 'paused']).default('enforce').meta({
          description: 'enforce acts; observe decides and reports but writes nothing; paused does not decide',
        }),
        queue: queue.optional(),
        queues: queues.optional(),
        service: z.strictObject({
          cluster: z.string().min(1).max(255).default('default').meta({ description: 'ECS cluster, name or ARN' }),
          name: z.string().min(1).max(255).meta({ description: 'ECS service, name or ARN' }),
        }),
        interval: duration('time between two ticks. Default: 10s', { min: '1s', max: '5m' }).default(10_000),
        scaling,
        chaos: chaos.prefault({}),
        alerts: z.array(alert).max(50).default([]),
      })
      .transform(withQueues),
  })
  .meta({
    title: 'WorkerPolicy',
    description: 'The behavior that you want of one ECS service of queue workers (Sluice).',
  });

type Parsed = z.output<typeof workerPolicySchema>;

/** A policy in force. Durations are milliseconds. `metadata.generation` is the SSM parameter's version (0: not stored). */
export type WorkerPolicy = Omit<Parsed, 'metadata'> & { metadata: Parsed['metadata'] & { generation: number } };
export type PolicyInput = z.input<typeof workerPolicySchema>;
export type PolicySpec = WorkerPolicy['spec'];
export type AlertSpec = PolicySpec['alerts'][number];

/** The name by which tools know the schema. It is no address: `sluice policy schema` prints the schema itself. */
const SCHEMA_ID = 'urn:sluice:schema:worker-policy:v1';

/** Returns the JSON Schema (draft 2020-12) of a document as its author writes it: `sluice policy schema`, for editors. */
export function policyJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(workerPolicySchema, { io: 'input', unrepresentable: 'any' });
  return { $schema, $id: SCHEMA_ID, title: 'Sluice WorkerPolicy', ...schema };
}
