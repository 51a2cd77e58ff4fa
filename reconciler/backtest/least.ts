/** The cost below which no controller can come, on the jobs of one run: even one that knew every arrival beforehand. */
import { Load, type LoadOptions } from './arrivals.ts';
import { tautString } from './taut-string.ts';

export interface LeastOptions {
  load: LoadOptions;
  /** Seconds that a message may wait. */
  target: number;
  concurrency: number;
  /** Workers that are never taken away, and those that run at the start. */
  min: number;
  workers: number;
  /** Seconds that a worker costs before it takes its first message. */
  startUp: number;
}

/** Seconds of one step of the plan. Coarser steps only lower the bound. */
const STEP_S = 10;

/**
 * Returns the worker-hours of the cheapest fleet that begins every job within the target, foresees all of them, and may have
 * fractions of workers and share a job among them: a bound from below. `min` workers always cost; each further one costs its
 * start-up, or goes on costing through a gap that is shorter.
 */
export function leastHours({ load: options, target, concurrency, min, workers, startUp }: LeastOptions): number {
  const load = new Load(options);
  const steps = Math.max(1, Math.ceil(options.duration / STEP_S));
  const arrived = new Float64Array(steps);
  const due = new Float64Array(steps);
  const stepOf = (time: number): number => Math.floor(time / STEP_S);
  for (; load.time < Number.POSITIVE_INFINITY; load.advance()) {
    const { time, service } = load;
    arrived[stepOf(time)]! += service;
    // Its work must be done when it would be done had it begun at its deadline; after the end nobody asks.
    const done = stepOf(time + target + service) + 1;
    if (done < steps) due[done]! += service;
  }
  for (let i = 1; i < steps; i++) {
    arrived[i]! += arrived[i - 1]!;
    due[i]! += due[i - 1]!;
  }
  const perWorker = STEP_S * concurrency;
  const needed = tautString(due, arrived).map((work) => Math.max(min, work / perWorker));
  return costOf(needed, workers, startUp / STEP_S) * (STEP_S / 3_600);
}

/** Returns what it costs at least to have so many workers in each step, in workers times steps; a start costs `startUp` steps. */
export function costOf(needed: Float64Array, workers: number, startUp: number): number {
  let cost = 0;
  let before = workers;
  for (const count of closed(needed, Math.floor(startUp))) {
    cost += count + Math.max(0, count - before) * startUp;
    before = count;
  }
  return cost;
}

/** Fills the gaps that are at most `steps` long: keeping a worker through them costs less than starting it again. */
function closed(counts: Float64Array, steps: number): Float64Array {
  if (steps === 0) return counts;
  // The end is no gap: nothing comes after it.
  const padded = new Float64Array(counts.length + steps);
  padded.set(counts);
  const widened = padded.map((_, i) => extreme(padded, i - steps, i, Math.max));
  return counts.map((_, i) => extreme(widened, i, i + steps, Math.min));
}

/** Returns the largest or smallest of the entries from `first` to `last`. */
function extreme(counts: Float64Array, first: number, last: number, pick: (a: number, b: number) => number): number {
  let found = counts[last]!;
  for (let i = Math.max(0, first); i < last; i++) found = pick(found, counts[i]!);
  return found;
}
