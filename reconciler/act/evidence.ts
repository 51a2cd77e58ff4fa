import { namedError } from '../aws/errors.ts';
import type { WriteContext } from './writer.ts';

/** However short the interval is, evidence of this age may still lower a count, in milliseconds. */
const LEAST_AGE_MS = 5_000;

/**
 * Throws StaleEvidence when what the decision rests on is older than two intervals, and than 5 s. It is called in the moment
 * before a call is sent: what was true when it was decided may be long past after a wait for the rate limit.
 */
export function mustBeFresh({ policy, now, evidenceAt }: WriteContext): void {
  if (evidenceAt === undefined) return;
  const age = now() - evidenceAt;
  const most = Math.max(2 * policy.spec.interval, LEAST_AGE_MS);
  if (age > most)
    throw namedError(
      'StaleEvidence',
      `the count was not lowered: the counts were read ${(age / 1_000).toFixed(1)} s ago, more than ${most / 1_000} s`,
    );
}
