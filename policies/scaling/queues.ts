/** Several queues of one service: their readings as one, and the least that is certain when one cannot be read. Pure. */
import type {
  Instant,
  MinuteDeleted,
  OldestAge,
  QueueCounts,
  QueueGroups,
  QueueRates,
  QueueReading,
  Reading,
  UsualRate,
} from '../model/observation.ts';

/** Returns the counts of all queues added up. If one of them failed, so does the sum, with the name of that queue. */
export function totalCounts(queues: readonly QueueReading[]): Reading<QueueCounts> {
  return combined(queues, ({ counts }) => counts, sumOf);
}

/** Returns the age of the oldest message of all queues. */
export function oldestAge(queues: readonly QueueReading[]): Reading<OldestAge | undefined> | undefined {
  return ifEach(queues, 'age', (ages) =>
    ages.reduce((oldest, age) => (age && (!oldest || age.seconds > oldest.seconds) ? age : oldest), undefined),
  );
}

/** Returns the rates of all queues added up; undefined while CloudWatch knows none of them. */
export function totalRates(queues: readonly QueueReading[]): Reading<QueueRates | undefined> | undefined {
  return ifEach(queues, 'rates', (rates) =>
    rates.reduce((sum, more) => {
      if (!sum || !more) return sum ?? more;
      const { sent, received, deleted } = more;
      const until = Math.min(sum.until ?? Number.POSITIVE_INFINITY, more.until ?? Number.POSITIVE_INFINITY);
      const { period } = sum;
      return {
        sent: rounded(sum.sent + sent),
        received: rounded(sum.received + received),
        deleted: rounded(sum.deleted + deleted),
        ...(Number.isFinite(until) ? { until } : {}),
        ...(period === undefined ? {} : { period }),
        ...laterOf(sum.later ?? [], more.later ?? []),
      };
    }, undefined),
  );
}

/** Returns the groups of all queues added up, as old as the oldest count; undefined while CloudWatch lacks one of them. */
export function totalGroups(queues: readonly QueueReading[]): Reading<QueueGroups | undefined> | undefined {
  return ifEach(queues, 'groups', (groups) =>
    groups.reduce(
      (sum, more) => sum && more && { inFlight: sum.inFlight + more.inFlight, until: Math.min(sum.until, more.until) },
    ),
  );
}

/** Returns the usual rates of several queues added up, as sure as the one that is known for the fewest days. */
export function totalUsual(usual: readonly Reading<UsualRate | undefined>[]): Reading<UsualRate | undefined> {
  return joined(usual, (rates) =>
    rates.reduce(
      (sum, rate) => sum && rate && { perSecond: sum.perSecond + rate.perSecond, days: Math.min(sum.days, rate.days) },
    ),
  );
}

/** Adds the deletions of the same minutes; a queue without a point for a minute had none in it. */
function laterOf(some: readonly MinuteDeleted[], more: readonly MinuteDeleted[]): Pick<QueueRates, 'later'> {
  const byEnd = new Map(some.map(({ until, deleted }) => [until, deleted]));
  for (const { until, deleted } of more) byEnd.set(until, rounded((byEnd.get(until) ?? 0) + deleted));
  const later = [...byEnd].sort(([a], [b]) => a - b).map(([until, deleted]) => ({ until, deleted }));
  return later.length > 0 ? { later } : {};
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

const NOTHING: QueueCounts = { visible: 0, inFlight: 0, delayed: 0 };

function sumOf(all: readonly QueueCounts[]): QueueCounts {
  return all.reduce(
    (sum, { visible, inFlight, delayed }) => ({
      visible: sum.visible + visible,
      inFlight: sum.inFlight + inFlight,
      delayed: sum.delayed + delayed,
    }),
    NOTHING,
  );
}

/** Returns the counts of the given queues, each times its weight, rounded up. Without weights this is their sum. */
export function weighted(queues: readonly QueueReading[]): QueueCounts {
  const total = (key: keyof QueueCounts): number =>
    Math.ceil(
      queues.reduce((sum, { counts, weight = 1 }) => sum + (counts.ok ? counts.value[key] * weight : 0), 0) - 1e-9,
    );
  return { visible: total('visible'), inFlight: total('inFlight'), delayed: total('delayed') };
}

/** Returns one reading of many: the oldest time, and the first failure with its queue's name. */
function combined<T, U>(
  queues: readonly QueueReading[],
  pick: (queue: QueueReading) => Reading<T>,
  join: (values: T[]) => U,
): Reading<U> {
  return joined(
    queues.map((queue): Reading<T> => {
      const reading = pick(queue);
      if (reading.ok) return reading;
      const { failure } = reading;
      return { ...reading, failure: { ...failure, message: `queue ${queue.name}: ${failure.message}` } };
    }),
    join,
  );
}

function joined<T, U>(readings: readonly Reading<T>[], join: (values: T[]) => U): Reading<U> {
  const at: Instant = Math.min(...readings.map((r) => r.at));
  const values: T[] = [];
  for (const reading of readings) {
    if (!reading.ok) return reading;
    values.push(reading.value);
  }
  return { ok: true, at, value: join(values) };
}

/** Undefined when the part was not read of every queue. */
function ifEach<K extends 'age' | 'rates' | 'groups', U>(
  queues: readonly QueueReading[],
  part: K,
  join: (values: Extract<NonNullable<QueueReading[K]>, { ok: true }>['value'][]) => U,
): Reading<U> | undefined {
  type Value = Extract<NonNullable<QueueReading[K]>, { ok: true }>['value'];
  const readings: Reading<Value>[] = [];
  for (const { [part]: reading } of queues) {
    if (!reading) return undefined;
    readings.push(reading);
  }
  return joined(readings, join);
}
