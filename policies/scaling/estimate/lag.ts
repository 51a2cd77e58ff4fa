import type { Estimate, Span } from '../../model/estimate.ts';
import type { Instant, Observation } from '../../model/observation.ts';
import { short } from './estimate.ts';
import { between } from './spans.ts';

/**
 * The age of SQS's counts. AWS calls them approximate and gives no figure, so it is learned: the arrivals that the counts
 * showed, moved back by each age that they may have, against the messages that CloudWatch says were sent in each minute. The
 * age that fits best has the smallest squared error. Each age has a chance to begin with, and the plan uses the age that is
 * exceeded with a chance of one in five.
 */

/** Ages that are told apart, in seconds, and the chance of each before anything was seen. */
const AGES = [0, 2.5, 5, 10, 15, 20, 30] as const;
export const COUNT_AGES = AGES.length;
const PRIOR = [0.3, 0.25, 0.25, 0.1, 0.05, 0.03, 0.02] as const;
/** The plan is right about the age with this chance. */
const SURELY = 0.8;
/** After so many of CloudWatch's points, the counts are believed to be as old as they seem. */
const PROVEN_POINTS = 10;
/** Errors are forgotten with this time constant. */
const MEMORY_S = 6 * 3_600;
/** CloudWatch's points are a minute apart, and the newest that can be read ended about a minute ago. */
const POINT_S = 60;

type Lag = NonNullable<Estimate['lag']>;

/** Returns the errors of each age with one more of CloudWatch's points; unchanged when there is none, or its minute was not watched. */
export function learnLag(before: Lag | undefined, spans: readonly Span[], seen: Observation): Lag | undefined {
  const rates = seen.rates?.ok ? seen.rates.value : undefined;
  if (!rates) return before;
  const until: Instant = rates.until ?? seen.at - POINT_S * 1_000;
  const period = rates.period ?? POINT_S;
  if (until - (before?.until ?? 0) < period * 1_000) return before;
  const sent = rates.sent * period;
  const errors: number[] = [];
  for (const age of AGES) {
    const from = until + (age - period) * 1_000;
    const { arrived, seconds } = between(spans, from, until + age * 1_000);
    if (seconds < 0.99 * period) return before;
    errors.push(surprise((arrived - sent) ** 2 / (sent + 1)));
  }
  const keep = Math.exp(-period / MEMORY_S);
  return {
    until,
    points: short((before?.points ?? 0) * keep + 1),
    errors: errors.map((error, i) => short((before?.errors[i] ?? 0) * keep + error)),
  };
}

/**
 * Returns the surprise of one error, as the logarithm of Student's t distribution with three degrees of freedom has it: one
 * minute that was counted badly does not outvote many good ones. `squared` is in units of its variance by chance.
 */
const surprise = (squared: number): number => 2 * Math.log(1 + squared / 3);

/** Returns the age in seconds to plan with: at most a tenth of `target` (seconds) as long as little was seen, and at most half of it. */
export function lagToPlan({ lag }: Pick<Estimate, 'lag'>, target: number): number {
  const most = target * (lag && lag.points >= PROVEN_POINTS ? 0.5 : 0.1);
  return Math.min(most, likelyAge(lag));
}

/** Returns the age that is exceeded with a chance of one in five. */
function likelyAge(lag: Lag | undefined): number {
  const least = lag ? Math.min(...lag.errors) : 0;
  const chances = AGES.map((_, i) => PRIOR[i]! * (lag ? Math.exp(least - lag.errors[i]!) : 1));
  let left = SURELY * chances.reduce((sum, chance) => sum + chance, 0);
  for (let i = 0; i < AGES.length; i++) {
    left -= chances[i]!;
    if (left <= 0) return AGES[i]!;
  }
  return AGES.at(-1)!;
}
