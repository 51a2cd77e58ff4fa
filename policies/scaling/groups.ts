/** Tells whether the message groups of FIFO queues leave workers idle, so that more workers would idle too. */
import { type QueueRef, queueNameOf } from '../grammar/queue-name.ts';
import type { GroupMemory, Memory } from '../model/memory.ts';
import type { Instant, Observation, QueueCounts, ServiceState } from '../model/observation.ts';
import { slotsOf } from './estimate/concurrency.ts';
import type { ScalingPolicy } from './schema.ts';

/** SQS's counts agree within a minute, so looks that say the same for this long are no accident of one count. */
const PROOF_MS = 60_000;
/** So many looks at least, whatever time lies between them. */
const PROOF_LOOKS = 3;
/** Evidence that no look has repeated for this time is forgotten. */
const LIFE_MS = 5 * 60_000;
/** An older metric says nothing of the present groups; CloudWatch's points may come some minutes late. */
const METRIC_LIFE_MS = 5 * 60_000;
/** With more of the slots busy than this, the others may just be between two messages. */
const MOST_BUSY = 0.5;

/** Returns true when all queues deliver by message group. Where one does not, its messages feed any worker. */
export const areFifo = (queues: readonly QueueRef[] | undefined): boolean =>
  queues !== undefined && queues.length > 0 && queues.every((queue) => isFifo(queue));

/** Returns true for a queue that delivers by message group: SQS demands this suffix of all of them and refuses it for others. */
export const isFifo = (queue: QueueRef): boolean => queueNameOf(queue).endsWith('.fifo');

/**
 * Returns the memory with what this look says of message groups. A group feeds one slot at a time, so messages that wait while
 * slots are idle wait for their group. One look that says otherwise ends the evidence: new groups must be served at once.
 */
export function withGroups(
  { spec }: ScalingPolicy,
  seen: Observation,
  queue: QueueCounts | undefined,
  service: ServiceState,
  memory: Memory,
  now: Instant,
): Memory {
  const { groups: before, ...rest } = memory;
  if (!areFifo(spec.queues)) return before ? rest : memory;
  const known = before && now - before.last <= LIFE_MS && before.last <= now ? before : undefined;
  const kept = known ? { ...rest, groups: known } : rest;
  // A look without counts says nothing; nor does one in which no message holds its group, for then groups do not wait.
  if (!queue || (queue.visible > 0 && queue.inFlight === 0 && service.running > 0)) return kept;
  if (service.running === 0) return rest;
  const learned = memory.estimate ? slotsOf(memory.estimate.concurrency) : 1;
  const slots = service.running * (spec.scaling.concurrency ?? learned);
  const metric = metricOf(seen, now);
  const busy = Math.min(queue.inFlight, metric ?? queue.inFlight);
  if (queue.visible === 0 || busy > slots * MOST_BUSY) return rest;
  const groups: GroupMemory = { since: known?.since ?? now, last: now, looks: (known?.looks ?? 0) + 1, busy, slots };
  if (metric !== undefined && metric <= queue.inFlight) groups.measured = true;
  return { ...rest, groups };
}

/** Returns the groups with messages in flight as CloudWatch counted them not long ago; 0 is never a proof of locked groups. */
function metricOf({ groups }: Observation, now: Instant): number | undefined {
  const value = groups?.ok ? groups.value : undefined;
  return value && value.inFlight > 0 && now - value.until <= METRIC_LIFE_MS ? value.inFlight : undefined;
}

/** Returns the evidence that workers idle for want of groups; undefined until it has lasted. */
export function idleForGroups({ groups }: Memory, now: Instant): GroupMemory | undefined {
  return groups && groups.looks >= PROOF_LOOKS && now - groups.since >= PROOF_MS ? groups : undefined;
}
