import type { Instant, QueueCounts, QueueGroups, Reading } from '../../policies/model/observation.ts';
import type { QueuePoints } from './cloudwatch.ts';
import { mapReading } from './reading.ts';

/** Returns the message groups with messages in flight as a reading, with the time at which they were read. */
export function groupsReading(
  points: Reading<QueuePoints>,
  counts: QueueCounts | undefined,
  now: Instant,
  period: number,
): Reading<QueueGroups | undefined> {
  const at = points.ok ? (points.value.groups?.at ?? points.at) : points.at;
  return { ...mapReading(points, (known) => groupsOf(known, counts, now, period)), at };
}

/** An empty queue has no groups, whatever CloudWatch's last point says; without points nothing is known. */
function groupsOf(
  { groups }: QueuePoints,
  counts: QueueCounts | undefined,
  now: Instant,
  period: number,
): QueueGroups | undefined {
  if (counts && counts.visible + counts.inFlight === 0) return { inFlight: 0, until: now };
  const newest = groups?.points.groups[0];
  return newest && { inFlight: newest.value, until: newest.at + period };
}
