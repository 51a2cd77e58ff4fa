/**
 * The queue's own policy denies the workers. The statement carries its end (`DateLessThan aws:CurrentTime`), so that it
 * expires even when nobody is left to remove it; an explicit Deny beats every Allow. Changing attributes is never
 * denied, so that nobody is locked out.
 */

import { formatDuration } from '../../../grammar/duration.ts';
import type { Action } from '../../../model/action.ts';
import type { Instant, QueueAccess } from '../../../model/observation.ts';
import type { Fault } from '../../fault.ts';
import type { PartitionSpec } from '../partition.ts';

export interface Denial {
  until: Instant;
  sid: string;
  /** The statement as JSON text. */
  statement: string;
}

/** Every statement of ours starts so. */
export const SID_PREFIX = 'SluiceChaos';

// Amazon SQS quotas, "Policies".
const MOST_BYTES = 8_192;
const MOST_STATEMENTS = 20;
/** What wraps the first statement of a queue that has no policy. */
const WRAPPER_BYTES = 60;

const DENIED = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'];

export const queuePolicy: Fault<PartitionSpec, Denial> = {
  requiredReadings: ({ principals }) => ({ access: true, ...(principals ? {} : { role: true }) }),

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
        // Without a role to aim at everyone is denied. We ourselves use none of these actions.
        ...(denied ? { ArnLike: { 'aws:PrincipalArn': denied } } : {}),
        DateLessThan: { 'aws:CurrentTime': new Date(until).toISOString().replace(/\.\d+Z$/, 'Z') },
      },
    });
    const room = tooLarge(access.value, statement);
    if (room) return { refused: room };
    const who = denied ? denied.map((arn) => arn.split(':').at(-1)).join(', ') : 'everyone';
    return {
      injection: { until, sid: SID_PREFIX + run, statement },
      summary: `cut ${who} off the queue for ${formatDuration(duration)}`,
    };
  },

  inject: ({ sid, statement }, { run }) =>
    run.injectedAt === undefined ? [{ kind: 'DenyQueue', sid, statement, run: run.id, purpose: 'inject' }] : [],
  isInPlace: (_, { run }) => run.injectedAt !== undefined,
  isOver: ({ until }, { now }) => now >= until,

  revert({ sid }, { run, seen, now }) {
    const access = seen.chaos?.access;
    // Absence counts only once our removal was written: the write that put it there may have succeeded unseen.
    const gone = run.removedAt !== undefined && access?.ok === true && !access.value.sids.includes(sid);
    // A read within a minute of a write may be of before it: then the policy is written even if it holds nothing of ours.
    const force = run.injectedAt === undefined || now - run.injectedAt < SPREAD_MS;
    const actions: Action[] = gone ? [] : [{ kind: 'AllowQueue', sid, force, run: run.id, purpose: 'revert' }];
    return { actions, gone };
  },

  isEffective: () => false,

  disturbed({ sid }, { run, seen, now }) {
    const access = seen.chaos?.access;
    if (run.phase !== 'active' || !access?.ok || access.value.sids.includes(sid)) return undefined;
    // As above: within a minute of our write its absence says nothing.
    if (run.injectedAt === undefined || now - run.injectedAt < SPREAD_MS) return undefined;
    return 'somebody removed our statement from the queue policy';
  },
};

/** "Changes made to the attributes can take up to 60 seconds to propagate" (SQS API, SetQueueAttributes). */
const SPREAD_MS = 60_000;

function tooLarge({ bytes, statements }: QueueAccess, statement: string): string | undefined {
  if (statements >= MOST_STATEMENTS) return `the queue's policy has ${statements} statements already (SQS allows 20)`;
  const size = bytes + statement.length + WRAPPER_BYTES;
  return size > MOST_BYTES ? `the queue's policy would have ${size} bytes (SQS allows ${MOST_BYTES})` : undefined;
}
