/** Compares recorded decisions with those of another policy, at the same moments and on the same observations. Pure. */
import type { WorkerPolicy } from './document/schema.ts';
import type { Instant } from './model/observation.ts';
import { decideAgain, type Recorded } from './replay.ts';

/** One moment: the count that was decided, and the count that the other policy would have decided. */
export interface Compared {
  at: Instant;
  policy: string;
  was: number | undefined;
  is: number | undefined;
  because: string;
}

export interface Comparison {
  /** Moments compared. */
  decisions: number;
  /** Those with different counts, in the order of the records. */
  different: Compared[];
  workerHours: { was: number; is: number };
}

/** Returns the comparison. Throws what the record at fault throws, with its time in `cause`. */
export const comparisonOf = (policy: WorkerPolicy, recorded: readonly Recorded[]): Comparison =>
  summed(recorded.map((one) => compared(one, policy)));

/**
 * Compares one moment. `before` is the policy whose count counts as the one before; without it, that is the count that was
 * decided then.
 */
export function compared(recorded: Recorded, policy: WorkerPolicy, before?: WorkerPolicy): Compared {
  const { at, policy: name, desired } = recorded.decision;
  try {
    const was = before ? decideAgain(recorded, before).desired : desired;
    const { desired: is, summary: because } = decideAgain(recorded, policy);
    return { at, policy: name, was, is, because };
  } catch (error) {
    throw new Error((error as Error).message, { cause: at });
  }
}

/** Returns the sums over moments, which are in the order of time. */
export const summed = (all: readonly Compared[]): Comparison => ({
  decisions: all.length,
  different: all.filter((c) => c.was !== c.is),
  workerHours: { was: workerHours(all, (c) => c.was), is: workerHours(all, (c) => c.is) },
});

/** Adds up the count of each decision for the time until the next one. */
function workerHours(all: readonly Compared[], count: (c: Compared) => number | undefined): number {
  return all.reduce((total, one, i) => {
    const next = all[i + 1];
    return next ? total + ((count(one) ?? 0) * (next.at - one.at)) / 3_600_000 : total;
  }, 0);
}
