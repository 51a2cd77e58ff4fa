/**
 * The learned state as the status parameter stores it, small enough to stand beside everything else. It never makes a
 * restarted process bolder than the one before: counts that had to be joined are rounded up and kept longer.
 */
import { z } from 'zod';
import { wholeCount } from './grammar/fields.ts';
import { fitting, type Warn } from './grammar/parts.ts';
import type { Estimate, Span } from './model/estimate.ts';
import type { GroupMemory, Memory } from './model/memory.ts';
import type { Instant } from './model/observation.ts';
import type { Peaks } from './model/record.ts';
import { MOST_CONCURRENCY } from './scaling/estimate/concurrency.ts';
import { COUNT_AGES } from './scaling/estimate/lag.ts';

const MOST_PEAKS = 6;
const MOST_SPANS = 6;
const MOST_STARTING = 6;

const seconds = z.number();
/** Larger numbers are damage: sizes that follow from them would take seconds to compute. */
const amount = z.number().min(0).max(1e9);
const peaks = z.array(z.tuple([seconds, wholeCount])).max(MOST_PEAKS);

/** Times are seconds before the snapshot. Lists stand for objects, in the order of the fields of `Estimate`. */
const estimateSchema = z.object({
  last: z.tuple([seconds, wholeCount, wholeCount, wholeCount, wholeCount]),
  watched: amount,
  spans: z.array(z.tuple([seconds, amount, amount, amount, amount])).max(MOST_SPANS),
  load: z.tuple([amount, amount]),
  service: z.tuple([amount, amount.positive(), seconds]),
  concurrency: z.number().min(1).max(MOST_CONCURRENCY),
  startUp: z.tuple([amount, wholeCount]),
  starting: z.array(z.tuple([seconds, wholeCount])).max(MOST_STARTING),
  bursts: z.tuple([amount, z.array(amount).max(64)]),
  risk: z.tuple([amount, seconds]),
  protection: z.tuple([seconds, amount, amount]).exactOptional(),
  lag: z.tuple([seconds, amount, z.array(amount).length(COUNT_AGES)]).exactOptional(),
});

const snapshotSchema = z.object({
  /** Epoch milliseconds. */
  at: z.int().positive(),
  window: peaks.exactOptional(),
  estimate: estimateSchema.exactOptional(),
  /** In the order of the fields of `GroupMemory`; whether they were measured is left out. */
  groups: z.tuple([seconds, seconds, wholeCount, wholeCount, wholeCount]).exactOptional(),
});

export type Snapshot = z.output<typeof snapshotSchema>;

/** The `snapshotAt` of a memory whose past is not known at all. */
const UNKNOWN = 0;

/**
 * Returns the learned part of a memory; undefined when nothing of it needs to outlive the process. A memory that no tick has
 * used since it was read back keeps the time of its own snapshot.
 */
export function snapshotOf(memory: Memory, now: Instant): Snapshot | undefined {
  const { window, estimate, groups, snapshotAt: at = now } = memory;
  if (at === UNKNOWN || (window.length === 0 && !estimate && !groups)) return undefined;
  // Rounded towards the snapshot, so that a count is never forgotten too early.
  const ago = (time: Instant): number => Math.floor((at - time) / 100) / 10;
  const storedPeaks = (all: Peaks): [number, number][] => fewerPeaks(all).map(([time, count]) => [ago(time), count]);
  return {
    at,
    ...(window.length > 0 ? { window: storedPeaks(window) } : {}),
    ...(estimate ? { estimate: storedEstimate(estimate, ago) } : {}),
    ...(groups ? { groups: [ago(groups.since), ago(groups.last), groups.looks, groups.busy, groups.slots] } : {}),
  };
}

function storedEstimate(e: Estimate, ago: (at: Instant) => number): NonNullable<Snapshot['estimate']> {
  const { last, service, startUp, bursts, risk, protection, lag } = e;
  // 0 stands for "never" in both times, and must not become a time.
  const past = (at: Instant): number => (at === 0 ? -1 : ago(at));
  return {
    last: [ago(last.at), last.visible, last.inFlight, last.running, last.desired],
    watched: round(e.watched),
    spans: fewerSpans(e.spans).map((s) => [
      ago(s.end),
      round(s.length),
      round(s.arrived),
      round(s.work),
      round(s.expected),
    ]),
    load: [e.load, e.slowLoad],
    service: [service.work, service.done, past(service.until)],
    concurrency: e.concurrency,
    startUp: [startUp.seconds, startUp.seen],
    starting: e.starting.slice(-MOST_STARTING).map(([at, count]) => [ago(at), count]),
    bursts: [bursts.arrived, withoutTail(bursts.excess)],
    risk: [risk.allowance, past(risk.lastScaleIn)],
    ...(lag ? { lag: [ago(lag.until), round(lag.points), lag.errors.map(round)] } : {}),
    ...(protection ? { protection: [ago(protection.at), round(protection.busy), round(protection.guarded)] } : {}),
  };
}

/** Returns a snapshot that is whole in all that it has; undefined when a part of it is damaged. */
export function parseSnapshot(value: unknown, warn: Warn): Snapshot | undefined {
  if (value === undefined) return undefined;
  return fitting(snapshotSchema, value, 'learned', warn);
}

/** Returns the parts of the memory that a snapshot holds. Without one, the past is unknown. */
export function restored(
  snapshot: Snapshot | undefined,
): Pick<Memory, 'window' | 'estimate' | 'groups' | 'snapshotAt'> {
  if (!snapshot) return { snapshotAt: UNKNOWN, window: [] };
  const { at, window, estimate, groups } = snapshot;
  const then = (ago: number): Instant => at - Math.round(ago * 1_000);
  return {
    snapshotAt: at,
    window: peaksFrom(window ?? [], then),
    ...(estimate ? { estimate: estimateFrom(estimate, then) } : {}),
    ...(groups ? { groups: groupsFrom(groups, then) } : {}),
  };
}

function groupsFrom(
  [since, last, looks, busy, slots]: NonNullable<Snapshot['groups']>,
  then: (ago: number) => Instant,
): GroupMemory {
  return { since: then(since), last: then(last), looks, busy, slots };
}

const BINS = 16;

function estimateFrom(e: NonNullable<Snapshot['estimate']>, then: (ago: number) => Instant): Estimate {
  const past = (ago: number): Instant => (ago < 0 ? 0 : then(ago));
  const [at, visible, inFlight, running, desired] = e.last;
  return {
    last: { at: then(at), visible, inFlight, running, desired },
    watched: e.watched,
    spans: e.spans.map(([end, length, arrived, work, expected]) => ({
      end: then(end),
      length,
      arrived,
      work,
      expected,
    })),
    load: e.load[0],
    slowLoad: e.load[1],
    service: { work: e.service[0], done: e.service[1], until: past(e.service[2]) },
    concurrency: e.concurrency,
    startUp: { seconds: e.startUp[0], seen: e.startUp[1] },
    starting: e.starting.map(([ago, count]) => [then(ago), count]),
    bursts: {
      arrived: e.bursts[0],
      excess: Array.from({ length: BINS }, (_, bin) => e.bursts[1][bin] ?? 0),
    },
    risk: { allowance: e.risk[0], lastScaleIn: past(e.risk[1]) },
    ...(e.lag ? { lag: { until: then(e.lag[0]), points: e.lag[1], errors: e.lag[2] } } : {}),
    ...(e.protection
      ? { protection: { at: then(e.protection[0]), busy: e.protection[1], guarded: e.protection[2] } }
      : {}),
    // Joined spans make the needed counts a little uncertain: the first tick after a restart starts anew (scale.ts).
    held: [],
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** Returns the numbers without the zeros at their end. */
function withoutTail(numbers: readonly number[]): number[] {
  const last = numbers.findLastIndex((n) => n !== 0);
  return numbers.slice(0, last + 1).map(round);
}

/** Joins the peaks that fall least, until few are left. A joined peak has the larger count and the later time. */
function fewerPeaks(all: Peaks): Peaks {
  const peaks = [...all];
  while (peaks.length > MOST_PEAKS) {
    let best = 0;
    for (let i = 1; i < peaks.length - 1; i++)
      if (peaks[i]![1] - peaks[i + 1]![1] < peaks[best]![1] - peaks[best + 1]![1]) best = i;
    peaks.splice(best, 2, [peaks[best + 1]![0], peaks[best]![1]]);
  }
  return peaks;
}

/** Entries of which an accident left times that do not rise or counts that do not fall are no sliding maximum: dropped. */
function peaksFrom(stored: readonly [number, number][], then: (ago: number) => Instant): Peaks {
  const peaks: Peaks = [];
  for (const [ago, count] of stored) {
    const last = peaks.at(-1);
    if (!last || (then(ago) > last[0] && count < last[1])) peaks.push([then(ago), count]);
  }
  return peaks;
}

/** Joins the two oldest neighbors until few are left, so that the newest messages keep their ages. */
function fewerSpans(all: readonly Span[]): Span[] {
  const spans = [...all];
  while (spans.length > MOST_SPANS) {
    let best = 0;
    for (let i = 1; i < spans.length - 1; i++)
      if (spans[i]!.length + spans[i + 1]!.length < spans[best]!.length + spans[best + 1]!.length) best = i;
    spans.splice(best, 2, joined(spans[best]!, spans[best + 1]!));
  }
  return spans;
}

const joined = (a: Span, b: Span): Span => ({
  end: b.end,
  length: a.length + b.length,
  arrived: a.arrived + b.arrived,
  work: a.work + b.work,
  expected: b.expected,
});
