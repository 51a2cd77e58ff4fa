import type { Estimate, Span } from '../../model/estimate.ts';
import type { MinuteDeleted, Observation } from '../../model/observation.ts';
import { between } from './spans.ts';

/** Before its first measurement, Sluice assumes that a message takes 20 s. The guess weighs as much as one message. */
const GUESS_S = 20;
const GUESS_WEIGHT = 1;
/** A hint weighs as much as this many messages. */
const HINT_WEIGHT = 20;
/** Older minutes count less, with this time constant. */
const MEMORY_S = 1_800;
/** SQS's points are a minute apart, and the newest that can be read ended about a minute ago. */
const POINT_S = 60;
const POINT_AGE_S = 60;

/** Returns the sums of work and of finished messages before anything was seen. */
export function startOfService(hint: number | undefined): Estimate['service'] {
  const [seconds, weight] = hint === undefined ? [GUESS_S, GUESS_WEIGHT] : [hint, HINT_WEIGHT];
  return { work: seconds * weight, done: weight, until: 0 };
}

/** Returns the mean seconds of one message, by Little's law: work in flight over messages finished. */
export const serviceTime = ({ service }: Pick<Estimate, 'service'>): number => service.work / service.done;

/**
 * Returns the service time to plan with: one standard error longer (job lengths vary about as much as they are long), since a
 * fleet that is sized on too short a time is late.
 */
export const cautiousServiceTime = ({ service }: Pick<Estimate, 'service'>): number =>
  (service.work / service.done) * (1 + 1 / Math.sqrt(service.done + 3));

/**
 * Returns the sums with CloudWatch's points since the last one: messages deleted in a minute, against the work in flight in that
 * minute. A point is used once; one whose minute was not watched is left out. A minute in which nothing was finished counts
 * too: jobs are then longer than assumed.
 */
export function learnService(
  service: Estimate['service'],
  spans: readonly Span[],
  seen: Observation,
): Estimate['service'] {
  const rates = seen.rates?.ok ? seen.rates.value : undefined;
  if (!rates) return service;
  const { deleted, until = seen.at - POINT_AGE_S * 1_000, period = POINT_S, later = [] } = rates;
  return [{ until, deleted }, ...later].reduce((known, minute) => learnMinute(known, spans, minute, period), service);
}

function learnMinute(
  service: Estimate['service'],
  spans: readonly Span[],
  { until, deleted }: MinuteDeleted,
  period: number,
): Estimate['service'] {
  if (until - service.until < period * 1_000) return service;
  const { work, seconds } = between(spans, until - period * 1_000, until);
  if (seconds < 0.6 * period) return service;
  const keep = Math.exp(-period / MEMORY_S);
  return {
    work: service.work * keep + (work * period) / seconds,
    done: service.done * keep + deleted * period,
    until,
  };
}
