/** What is allowed, and yet deserves a word to its author before it goes to AWS. Never a reason to refuse. */

import { formatDuration } from '../grammar/duration.ts';
import type { WorkerPolicy } from './schema.ts';

/** "Changes made to the attributes can take up to 60 seconds to propagate" (SQS API, SetQueueAttributes): twice. */
const LEAST_PARTITION_MS = 120_000;
/** CloudWatch has one point of SQS's metrics a minute. */
const LEAST_AGE_MS = 60_000;

export function warningsOn({ spec }: WorkerPolicy): string[] {
  const notes: string[] = [];
  for (const { name, fault } of spec.chaos.experiments)
    if (fault.type === 'partition' && fault.method === 'queuePolicy' && fault.duration < LEAST_PARTITION_MS)
      notes.push(
        `experiment ${name} lasts ${formatDuration(fault.duration)}: on AWS a queue policy takes up to 60 s to spread, each way; from 2m on it is more than edge`,
      );
  for (const { name, metric, above, for: holds } of spec.alerts)
    if (metric === 'oldestAge' && above !== undefined && Math.max(above, holds) < LEAST_AGE_MS)
      notes.push(
        `alert ${name} is about less than a minute, and CloudWatch tells the age once a minute: it fires on estimates`,
      );
  return notes;
}
