/** Occurrences of experiments: pure functions of seed, experiment, trigger and time, so that a restart changes nothing. */
import { nextOccurrence } from '../grammar/cron.ts';
import { hash, random } from '../grammar/random.ts';
import type { Instant } from '../model/observation.ts';
import type { ExperimentSpec } from './schema.ts';

/** The past is searched this far back, for this many occurrences. Older ones are skipped without a note. */
const LONGEST_LOOK_MS = 7 * 86_400_000;
const MOST = 1_000;

type Trigger = ExperimentSpec['trigger'];

/** Returns the occurrences in (after, until], oldest first. */
export function occurrences(name: string, trigger: Trigger, seed: number, after: Instant, until: Instant): Instant[] {
  const from = Math.max(after, until - LONGEST_LOOK_MS);
  if (trigger.cron !== undefined) return byCron(trigger.cron, trigger.timezone, from, until);
  if (trigger.every !== undefined) return byEvery(name, trigger.every, trigger.jitter ?? 0, seed, from, until);
  if (trigger.meanTimeBetween !== undefined) return byChance(name, trigger.meanTimeBetween, seed, from, until);
  return [];
}

/** Returns the next occurrence after `after`, within `horizon` milliseconds; undefined when there is none. */
export function nextAfter(
  name: string,
  trigger: Trigger,
  seed: number,
  after: Instant,
  horizon = LONGEST_LOOK_MS,
): Instant | undefined {
  if (trigger.cron !== undefined) return nextOccurrence(trigger.cron, trigger.timezone, after);
  for (
    let from = after, step = Math.max(60_000, (trigger.every ?? trigger.meanTimeBetween ?? horizon) * 2);
    from < after + horizon;
    from += step
  ) {
    const [first] = occurrences(name, trigger, seed, from, from + step);
    if (first !== undefined) return first;
  }
  return undefined;
}

function byCron(expression: string, timezone: string, after: Instant, until: Instant): Instant[] {
  const found: Instant[] = [];
  for (let at = nextOccurrence(expression, timezone, after); at !== undefined && at <= until && found.length < MOST; )
    at = nextOccurrence(expression, timezone, found[found.push(at) - 1]!);
  return found;
}

/** Returns one occurrence for each slot of `every` milliseconds since the epoch, each with its own jitter. */
function byEvery(name: string, every: number, jitter: number, seed: number, after: Instant, until: Instant): Instant[] {
  const found: Instant[] = [];
  const last = Math.floor(until / every);
  const first = Math.max(Math.floor((after - jitter) / every), last - MOST);
  for (let slot = first; slot <= last; slot++) {
    const at = slot * every + Math.floor(random(hash(`${seed} ${name} ${slot}`))() * jitter);
    if (at > after && at <= until) found.push(at);
  }
  return found.sort((a, b) => a - b);
}

/**
 * Returns occurrences of a Poisson process. Time is cut into windows of the mean; each holds Poisson(1) occurrences, evenly
 * spread. So the times between them are exponential, and any window can be computed alone.
 */
function byChance(name: string, mean: number, seed: number, after: Instant, until: Instant): Instant[] {
  const found: Instant[] = [];
  const last = Math.floor(until / mean);
  for (let window = Math.max(Math.floor(after / mean), last - MOST); window <= last; window++) {
    const next = random(hash(`${seed} ${name} ${window}`));
    for (let count = poissonOfOne(next()); count > 0; count--) {
      const at = Math.floor((window + next()) * mean);
      if (at > after && at <= until) found.push(at);
    }
  }
  return found.sort((a, b) => a - b);
}

/** Returns a Poisson(1) number for a uniform one, by inversion. */
function poissonOfOne(u: number): number {
  let k = 0;
  for (let p = Math.exp(-1), sum = p; u > sum && k < 20; sum += p) p /= ++k;
  return k;
}
