import type { Estimate, Span } from '../../model/estimate.ts';
import type { Instant, Observation } from '../../model/observation.ts';
import { blindSeconds, learnBursts, noBursts } from './bursts.ts';
import { learnConcurrency, slotsOf } from './concurrency.ts';
import { type Hints, short } from './estimate.ts';
import { lagToPlan, learnLag } from './lag.ts';
import { DEFAULT_OBJECTIVE, type Margins, marginsOf } from './objective.ts';
import { learnProtection } from './protection.ts';
import { learnRisk, startOfRisk } from './scale-in-risk.ts';
import { learnService, serviceTime, startOfService } from './service-time.ts';
import { withSpan } from './spans.ts';
import { learnStartUp, START_UP_GUESS_S } from './start-up.ts';

/** Arrival rates are smoothed over this many targets, or over one service time when that is longer. */
const SMOOTH_TARGETS = 5;
/** The trend is the difference to a mean over a time this many times as long. */
export const SLOW = 4;
/** At least this much of the past is kept in detail: CloudWatch's points are some minutes late. */
const LEAST_KEPT_S = 240;
/** After a gap longer than this between two looks, nothing is concluded from their difference. */
const LONGEST_GAP_S = 600;

/** Returns the seconds over which the load is smoothed, and for which small changes wait before the fleet shrinks. */
export const smoothing = (target: number, service: number): number => Math.max(SMOOTH_TARGETS * target, service);

/** Returns the estimate after one more look; unchanged when queue or service could not be read. `target` in seconds. */
export function learn(
  before: Estimate | undefined,
  seen: Observation,
  target: number,
  hints: Hints,
  now: Instant,
  margins: Margins = marginsOf(DEFAULT_OBJECTIVE),
): Estimate | undefined {
  if (!seen.queue.ok || !seen.service.ok) return before;
  const { visible, inFlight } = seen.queue.value;
  const { running, desired } = seen.service.value;
  const last = { at: now, visible, inFlight, running, desired };
  if (!before) return first(last, hints);
  const elapsed = (now - before.last.at) / 1_000;
  if (elapsed <= 0) return before;
  if (elapsed > LONGEST_GAP_S) return { ...first(last, hints), ...learned(before, last) };
  return next(before, last, seen, elapsed, target, hints, margins);
}

function first(last: Estimate['last'], hints: Hints): Estimate {
  const arrived = last.visible;
  return {
    last,
    watched: 0,
    spans: arrived > 0 ? [{ end: last.at, length: 10, arrived, work: 0, expected: 0 }] : [],
    load: last.inFlight,
    slowLoad: last.inFlight,
    service: startOfService(hints.serviceTime),
    concurrency: hints.concurrency ?? 1,
    startUp: { seconds: hints.startUp ?? START_UP_GUESS_S, seen: hints.startUp === undefined ? 0 : 1 },
    starting: last.desired > last.running ? [[last.at, last.desired - last.running]] : [],
    bursts: noBursts(),
    risk: startOfRisk(),
    held: [],
  };
}

/** Returns the parts that outlive a gap between two looks. */
function learned(
  { service, concurrency, startUp, bursts, risk, protection, lag }: Estimate,
  { at }: Estimate['last'],
): Partial<Estimate> {
  return {
    service: { ...service, until: at },
    concurrency,
    startUp,
    bursts,
    risk,
    ...(protection ? { protection } : {}),
    ...(lag ? { lag } : {}),
  };
}

function next(
  before: Estimate,
  last: Estimate['last'],
  seen: Observation,
  elapsed: number,
  target: number,
  hints: Hints,
  margins: Margins,
): Estimate {
  const service = serviceTime(before);
  const busy = (last.inFlight + before.last.inFlight) / 2;
  const finished = (busy * elapsed) / service;
  const grew = last.visible + last.inFlight - before.last.visible - before.last.inFlight;
  const span: Span = {
    end: last.at,
    length: elapsed,
    arrived: short(Math.max(0, grew + finished)),
    work: short(busy * elapsed),
    expected: short(before.load / service),
  };
  const interval = elapsed;
  const blind = blindSeconds(before.startUp.seconds, interval + lagToPlan(before, target), target);
  const spans = withSpan(before.spans, span, Math.max(LEAST_KEPT_S, 2 * target, 2 * blind));
  // Growth in slots takes a service time that was seen; busy slots need none.
  const seenService = before.service.until > 0 || hints.serviceTime !== undefined;
  const offered = seenService ? Math.max(0, busy + (service * grew) / elapsed) : busy;
  const memory = smoothing(target, service);
  const watched = before.watched + elapsed;
  // At first a plain mean of all looks: the very first one says little.
  const smooth = (old: number, over: number): number =>
    short(old + (offered - old) * (1 - Math.exp(-elapsed / Math.min(over, watched))));
  const concurrency = hints.concurrency ?? learnConcurrency(before, last);
  const known = learnService(before.service, spans, seen);
  const lag = learnLag(before.lag, spans, seen);
  const { startUp, starting } = learnStartUp(
    before,
    last,
    seen.tasks?.ok ? seen.tasks.value.startUpSeconds : undefined,
  );
  // An expectation from before anything was known is no measure of surprise.
  const bursts = watched > memory ? learnBursts(before.bursts, spans, blind, elapsed) : before.bursts;
  const protection = learnProtection(before.protection, seen, last, concurrency);
  const risk = learnRisk(before, last, elapsed, slotsOf(concurrency), service, margins.interrupted);
  return {
    last,
    watched: Math.min(short(watched), 1e6),
    spans,
    load: smooth(before.load, memory),
    slowLoad: smooth(before.slowLoad, SLOW * memory),
    service: { work: short(known.work), done: short(known.done), until: known.until },
    concurrency: short(concurrency),
    startUp: { seconds: short(startUp.seconds), seen: Math.min(startUp.seen, 1_000) },
    starting,
    bursts,
    risk: { allowance: short(risk.allowance), lastScaleIn: risk.lastScaleIn },
    ...(lag ? { lag } : {}),
    ...(protection
      ? { protection: { at: protection.at, busy: short(protection.busy), guarded: short(protection.guarded) } }
      : {}),
    held: before.held,
  };
}
