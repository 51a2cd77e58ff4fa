import { evidenceLife } from '../../policies/grammar/evidence-life.ts';
import { namedError } from '../aws/errors.ts';
import type { WriteContext } from './writer.ts';

/**
 * Throws StaleEvidence when what the decision rests on is older than two intervals, and than 5 s. It is called in the moment
 * before a call is sent: what was true when it was decided may be long past after a wait for the rate limit.
 */
export function mustBeFresh({ policy, now, evidenceAt }: WriteContext): void {
  if (evidenceAt === undefined) return;
  const age = now() - evidenceAt;
  const most = evidenceLife(policy.spec.interval);
  if (age > most)
    throw namedError(
      'StaleEvidence',
      `the count was not lowered: the counts were read ${(age / 1_000).toFixed(1)} s ago, more than ${most / 1_000} s`,
    );
}
