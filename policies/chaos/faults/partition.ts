/** partition: workers lose the queue for a while, by one of three methods. */
import { z } from 'zod';
import { duration } from '../../grammar/fields.ts';
import type { Fault, RunContext } from '../fault.ts';
import { type Pause, processingFlag } from './partition/processing-flag.ts';
import { type Denial, queuePolicy } from './partition/queue-policy.ts';
import { type Swap, securityGroup } from './partition/security-group.ts';

const METHODS = { queuePolicy, securityGroup, processingFlag };

export const partitionSchema = z
  .strictObject({
    type: z.literal('partition'),
    method: z.enum(['queuePolicy', 'securityGroup', 'processingFlag']).default('queuePolicy'),
    duration: duration('how long workers are cut off', { min: '5s', max: '12h' }),
    denySend: z.boolean().optional().meta({ description: 'queuePolicy: deny SendMessage too' }),
    principals: z
      .array(z.string().regex(/^arn:[\w-]+:(iam|sts)::\d{12}:[\w+=,.@/*-]+$/, 'must be the ARN of a role or user'))
      .min(1)
      .max(10)
      .optional()
      .meta({ description: "queuePolicy: who is denied (default: the task role of the service's workers)" }),
    securityGroups: z
      .array(z.string().regex(/^sg-[\w-]+$/, 'must be a security group such as sg-0123456789abcdef0'))
      .min(1)
      .max(5)
      .optional()
      .meta({ description: 'securityGroup: the groups that new tasks get meanwhile' }),
    parameter: z
      .string()
      .regex(/^\/[\w./-]+$/, 'must be the name of a parameter, such as /sluice/flags/jobs')
      .optional()
      .meta({ description: 'processingFlag: the parameter that workers poll' }),
  })
  .meta({ description: 'Workers lose the queue for the duration.' });

export type PartitionSpec = z.output<typeof partitionSchema>;

type Cut =
  | ({ method: 'queuePolicy' } & Denial)
  | ({ method: 'securityGroup' } & Swap)
  | ({ method: 'processingFlag' } & Pause);

const methodOf = (method: PartitionSpec['method']) => METHODS[method] as unknown as Fault<PartitionSpec, Cut>;

/** Which field belongs to which method; `needed` ones must be given there. */
const FIELDS = [
  { field: 'denySend', method: 'queuePolicy', needed: false },
  { field: 'principals', method: 'queuePolicy', needed: false },
  { field: 'securityGroups', method: 'securityGroup', needed: true },
  { field: 'parameter', method: 'processingFlag', needed: true },
] as const;

export const partition: Fault<PartitionSpec, Cut> = {
  findings: (spec) =>
    FIELDS.flatMap(({ field, method, needed }) => {
      if (spec.method !== method && spec[field] !== undefined)
        return [{ path: [field], message: `belongs to method ${method}, not ${spec.method}` }];
      if (spec.method === method && needed && spec[field] === undefined)
        return [{ path: [field], message: 'is missing', hint: `method ${method} needs it` }];
      return [];
    }),
  requiredReadings: (spec) => methodOf(spec.method).requiredReadings(spec),
  plan(spec, context) {
    const planned = methodOf(spec.method).plan(spec, context);
    return 'refused' in planned
      ? planned
      : { ...planned, injection: { ...planned.injection, method: spec.method } as Cut };
  },
  inject: (cut, context) => methodOf(cut.method).inject(cut, context),
  isInPlace: (cut, context) => methodOf(cut.method).isInPlace(cut, context),
  isOver: ({ until }, { now }) => now >= until,
  revert: (cut, context) => methodOf(cut.method).revert(cut, context),
  isEffective: (_, context) => receivesStopped(context),
  deploys: ({ method }) => method === 'securityGroup',
  disturbed: (cut, context) => methodOf(cut.method).disturbed?.(cut, context),
};

const GROWING_LOOKS = 3;

/**
 * Receives are seen to have stopped when CloudWatch's last minute holds none, when messages wait and nobody holds one,
 * or when more wait at each look, beyond one for each worker. Messages in flight say little by themselves: cut off,
 * workers cannot delete what they have either, and it stays in flight until its visibility timeout.
 */
function receivesStopped({ seen, run, now }: RunContext): boolean {
  if (run.injectedAt === undefined || now <= run.injectedAt || !seen.queue.ok) return false;
  const { visible, inFlight } = seen.queue.value;
  if (visible > 0 && inFlight === 0) return true;
  const { rates } = seen;
  if (rates?.ok && rates.value && rates.at > run.injectedAt && rates.value.received === 0) return true;
  const since = (run.injectedAt - run.startedAt) / 1_000;
  const looks = (run.samples ?? []).filter(([at]) => at >= since).map(([, waiting]) => waiting);
  const last = looks.slice(-GROWING_LOOKS);
  const grows = last.length === GROWING_LOOKS && last.every((n, i) => i === 0 || n > last[i - 1]!);
  return grows && visible > run.before.visible + run.before.desired;
}
