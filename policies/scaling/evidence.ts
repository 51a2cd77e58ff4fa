import { formatDuration } from '../grammar/duration.ts';
import { evidenceLife } from '../grammar/evidence-life.ts';
import type { Instant, Observation, QueueCounts, QueueReading, Reading, ServiceState } from '../model/observation.ts';
import { weighted } from './queues.ts';

/** The readings that a decision may rest on, and the reasons why others are left out. */
export interface Evidence {
  queue: QueueCounts | undefined;
  /** The reason why `queue` is undefined. */
  queueProblem: string | undefined;
  /** Counts for backlog rules: those of `queue`, by weight. When some queues could not be read, those of the others. */
  backlog: QueueCounts | undefined;
  service: ServiceState | undefined;
  /** The reason why `service` is undefined. */
  serviceProblem: string | undefined;
  /** The older one of the two reading times; undefined when a reading failed. */
  at: Instant | undefined;
}

/** Returns the readings that succeeded and are fresh. `interval` is the time between two ticks in milliseconds. */
export function evidenceOf({ queue, queues, service }: Observation, interval: number, now: Instant): Evidence {
  const queueProblem = problemWith(queue, 'queue', interval, now) ?? oddCounts(queue, QUEUE_COUNTS, 'queue');
  const serviceProblem =
    problemWith(service, 'service', interval, now) ?? oddCounts(service, SERVICE_COUNTS, 'service');
  const at = queue.ok && service.ok ? Math.min(queue.at, service.at) : undefined;
  return {
    at,
    queue: queue.ok && queueProblem === undefined ? queue.value : undefined,
    queueProblem,
    backlog: queues
      ? backlogOf(queues, interval, now)
      : queueProblem === undefined && queue.ok
        ? queue.value
        : undefined,
    service: service.ok && serviceProblem === undefined ? service.value : undefined,
    serviceProblem,
  };
}

/** The queues that were read are certain work, whatever the others hold. Undefined when none was read. */
function backlogOf(queues: readonly QueueReading[], interval: number, now: Instant): QueueCounts | undefined {
  const read = queues.filter(
    ({ name, counts }) =>
      problemWith(counts, name, interval, now) === undefined && oddCounts(counts, QUEUE_COUNTS, name) === undefined,
  );
  return read.length > 0 ? weighted(read) : undefined;
}

function problemWith(reading: Reading<unknown>, name: string, interval: number, now: Instant): string | undefined {
  if (!reading.ok) return `the ${name} could not be read (${reading.failure.code}: ${reading.failure.message})`;
  const age = now - reading.at;
  return age > evidenceLife(interval) ? `the ${name} was last read ${formatDuration(age)} ago` : undefined;
}

const QUEUE_COUNTS = ['visible', 'inFlight', 'delayed'] as const;
const SERVICE_COUNTS = ['desired', 'running', 'pending'] as const;

/** The border refuses such answers already. A decision rests on no number that is not a count, whatever gives it. */
function oddCounts<K extends string>(
  reading: Reading<Record<K, number>>,
  keys: readonly K[],
  name: string,
): string | undefined {
  if (!reading.ok) return undefined;
  for (const key of keys) {
    const value = reading.value[key];
    if (!Number.isSafeInteger(value) || value < 0) return `the ${name}'s ${key} is ${String(value)}, which is no count`;
  }
  return undefined;
}
