/**
 * partition, method queuePolicy: the queue's own policy denies the workers. The statement carries its end (`DateLessThan
 * aws:CurrentTime`), so that it expires even when nobody is left to remove it; an explicit Deny beats every Allow. Changing
 * attributes is never denied, so that nobody is locked out.
 */
import { z } from 'zod';
import { formatDuration } from '../../../grammar/duration.ts';
import type { QueueAccess } from '../../../model/observation.ts';
import { defineFault } from '../../fault.ts';
import { cut, cutOff, cutOffFor, isGone, isOver, lasts, receivesStopped } from './method.ts';

const schema = z.strictObject({
  ...cutOff,
  method: z.literal('queuePolicy').default('queuePolicy'),
  ...cutOffFor,
  denySend: z.boolean().optional().meta({ description: 'deny SendMessage too' }),
  principals: z
    .array(z.string().regex(/^arn:[\w-]+:(iam|sts)::\d{12}:[\w+=,.@/*-]+$/, 'must be the ARN of a role or user'))
    .min(1)
    .max(10)
    .optional()
    .meta({ description: "who is denied (default: the task role of the service's workers)" }),
});

const injection = z.object({
  method: z.literal('queuePolicy'),
  ...cut,
  sid: z.string(),
  /** The statement as JSON text. It is not stored: the revert needs only the Sid. */
  statement: z.string().optional(),
});

/** Every statement of Sluice has a Sid that starts with this. */
const SID_PREFIX = 'SluiceChaos';

// Amazon SQS quotas, "Policies".
const MOST_BYTES = 8_192;
const MOST_STATEMENTS = 20;
/** Bytes around the first statement of a queue that has no policy. */
const WRAPPER_BYTES = 60;

/** "Changes made to the attributes can take up to 60 seconds to propagate" (SQS API, SetQueueAttributes). */
const SPREAD_MS = 60_000;
/** The policy spreads twice: on the way in and on the way out. */
const SHORTEST_SENSIBLE_MS = 2 * SPREAD_MS;

const DENIED = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'];

export const queuePolicy = defineFault({
  type: 'partition',
  method: 'queuePolicy',
  schema,
  injection,
  needsMessages: true,
  lasts,
  warnings: ({ duration }) =>
    duration < SHORTEST_SENSIBLE_MS
      ? [
          `lasts ${formatDuration(duration)}; use 2m or longer: on AWS a queue policy takes up to 60 s to start and up to 60 s to stop`,
        ]
      : [],
  requiredReadings: ({ principals }) => ({ access: true, ...(principals ? {} : { role: true }) }),
  revertReadings: () => ({ access: true }),

  plan({ duration, denySend, principals }, { seen, now, run }) {
    const access = seen.chaos?.access;
    if (!access?.ok) return { refused: "the queue's policy could not be read" };
    const role = seen.chaos?.role;
    if (!principals && !role?.ok) return { refused: 'the task role of the workers could not be read' };
    const denied = principals ?? (role?.ok && role.value ? [role.value] : undefined);
    const until = now + duration;
    const statement = JSON.stringify({
      Sid: SID_PREFIX + run,
      Effect: 'Deny',
      Principal: '*',
      Action: denySend ? [...DENIED, 'sqs:SendMessage'] : DENIED,
      Resource: access.value.arn,
      Condition: {
        // Without a task role everyone is denied. Sluice itself uses none of these actions.
        ...(denied ? { ArnLike: { 'aws:PrincipalArn': denied } } : {}),
        DateLessThan: { 'aws:CurrentTime': new Date(until).toISOString().replace(/\.\d+Z$/, 'Z') },
      },
    });
    const tooLarge = whyTooLarge(access.value, statement);
    if (tooLarge) return { refused: tooLarge };
    const who = denied ? denied.map((arn) => arn.split(':').at(-1)).join(', ') : 'everyone';
    return {
      injection: { method: 'queuePolicy', until, sid: SID_PREFIX + run, statement },
      summary: `cut ${who} off the queue for ${formatDuration(duration)}`,
    };
  },

  inject: ({ sid, statement }, { run }) =>
    run.injectedAt === undefined && statement !== undefined
      ? [{ kind: 'DenyQueue', sid, statement, run: run.id, purpose: 'inject' }]
      : [],
  isInPlace: (_, { run }) => run.injectedAt !== undefined,
  isOver,

  inverse: ({ sid }, run) => [{ kind: 'AllowQueue', sid, force: true, run, purpose: 'revert' }],

  /**
   * A read within a minute of our write may show the state before it: then the policy is written in any case,
   * unless somebody else has written it since.
   */
  revert: ({ sid }, { run, now }) => [
    {
      kind: 'AllowQueue',
      sid,
      force: run.reason !== 'undone' && isSpreading(run.injectedAt, now),
      run: run.id,
      purpose: 'revert',
    },
  ],

  /** The absence of the statement counts only after our removal: the write that added it may have succeeded unseen. */
  isReverted({ sid }, { run, seen }) {
    const access = seen.chaos?.access;
    return run.removedAt !== undefined && access?.ok === true && !access.value.sids.includes(sid);
  },

  isEffective: receivesStopped,

  isStanding: ({ sid }, { seen }) => (seen.chaos?.access?.ok ? seen.chaos.access.value.sids.includes(sid) : undefined),

  disturbed({ sid }, { run, seen, now }) {
    const access = seen.chaos?.access;
    if (run.phase !== 'active' || !access?.ok || access.value.sids.includes(sid)) return undefined;
    if (isSpreading(run.injectedAt, now) && !isGone(run)) return undefined;
    return "somebody removed Sluice's statement from the queue policy";
  },

  stored: ({ statement: _, ...plan }) => plan,
});

const isSpreading = (injectedAt: number | undefined, now: number): boolean =>
  injectedAt === undefined || now - injectedAt < SPREAD_MS;

function whyTooLarge({ bytes, statements }: QueueAccess, statement: string): string | undefined {
  if (statements >= MOST_STATEMENTS)
    return `the queue's policy has ${statements} statements already (SQS allows ${MOST_STATEMENTS})`;
  const size = bytes + new TextEncoder().encode(statement).length + WRAPPER_BYTES;
  return size > MOST_BYTES ? `the queue's policy would have ${size} bytes (SQS allows ${MOST_BYTES})` : undefined;
}
