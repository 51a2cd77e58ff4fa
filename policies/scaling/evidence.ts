import { formatDuration } from '../grammar/duration.ts';
import type { Instant, Observation, QueueCounts, Reading, ServiceState } from '../model/observation.ts';

/** The readings that a decision may rest on, and the reasons why others are left out. */
export interface Evidence {
  queue: QueueCounts | undefined;
  /** The reason why `queue` is undefined. */
  queueProblem: string | undefined;
  service: ServiceState | undefined;
  /** The reason why `service` is undefined. */
  serviceProblem: string | undefined;
}

/** A reading is stale when it is older than three ticks; with short ticks when it is older than this. Milliseconds. */
const LEAST_STALE_MS = 30_000;

/** Returns the readings that succeeded and are fresh. `interval` is the time between two ticks in milliseconds. */
export function evidenceOf({ queue, service }: Observation, interval: number, now: Instant): Evidence {
  const queueProblem = problemWith(queue, 'queue', interval, now);
  const serviceProblem = problemWith(service, 'service', interval, now);
  return {
    queue: queue.ok && queueProblem === undefined ? queue.value : undefined,
    queueProblem,
    service: service.ok && serviceProblem === undefined ? service.value : undefined,
    serviceProblem,
  };
}

function problemWith(reading: Reading<unknown>, name: string, interval: number, now: Instant): string | undefined {
  if (!reading.ok) return `the ${name} could not be read (${reading.failure.code}: ${reading.failure.message})`;
  const age = now - reading.at;
  return age > Math.max(LEAST_STALE_MS, 3 * interval)
    ? `the ${name} was last read ${formatDuration(age)} ago`
    : undefined;
}
