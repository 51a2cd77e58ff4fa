/** The consequence of an edit before it is stored: now, and over the decisions that are kept. */
import { type Compared, type Comparison, compared, summed } from '../../policies/comparison.ts';
import { type Problem, parsePolicy } from '../../policies/document/parse.ts';
import { warningsOn } from '../../policies/document/warnings.ts';
import type { Recorded } from '../../policies/replay.ts';

/** Differences that are answered; all are counted. */
const SHOWN = 20;
/** Decisions in one slice: some 10 ms. */
const SLICE = 20;

export type Validated = { ok: true; warnings: string[] } | { ok: false; problems: Problem[] };

/** Returns the problems of a text, or the warnings on a valid one. */
export function validated(text: string, name: string): Validated {
  const parsed = parsePolicy(text, { name });
  return parsed.ok ? { ok: true, warnings: warningsOn(parsed.policy) } : parsed;
}

/** Counts are workers; `at` is ISO 8601. */
export interface Ahead {
  /** The newest decision with the version in force, and with the edit; absent before the first one. */
  now?: { at: string; was?: number; is?: number; because: string };
  replay: Omit<Comparison, 'different'> & {
    /** The time that the decisions cover; absent without any. */
    from?: string;
    to?: string;
    differ: number;
    /** The first ones. */
    first: { at: string; was?: number; is?: number; because: string }[];
  };
}

/** Both texts, and the policy that they are of. `before` is undefined when no version is in force. */
export interface EditedPolicy {
  name: string;
  generation: number;
  before: string | undefined;
  after: string;
}

/**
 * Resolves to the consequence of an edit beside the version in force; undefined when the text is not valid. It computes in
 * slices, so that the reconciler's loop goes on meanwhile.
 */
export async function aheadOf(edit: EditedPolicy, recorded: Iterable<Recorded>): Promise<Ahead | undefined> {
  const { name, generation } = edit;
  const after = parsePolicy(edit.after, { name, generation });
  if (!after.ok) return undefined;
  const before = edit.before === undefined ? undefined : parsePolicy(edit.before, { name, generation });
  const inForce = before?.ok ? before.policy : undefined;
  const all: Compared[] = [];
  for (const one of recorded) {
    all.push(compared(one, after.policy, inForce));
    if (all.length % SLICE === 0) await new Promise(setImmediate);
  }
  const { decisions, different, workerHours } = summed(all);
  const [first, last] = [all[0], all.at(-1)];
  return {
    ...(last ? { now: moment(last) } : {}),
    replay: {
      decisions,
      workerHours,
      ...(first && last ? { from: iso(first.at), to: iso(last.at) } : {}),
      differ: different.length,
      first: different.slice(0, SHOWN).map(moment),
    },
  };
}

const iso = (at: number): string => new Date(at).toISOString();

const moment = ({ at, was, is, because }: Compared) => ({
  at: iso(at),
  ...(was === undefined ? {} : { was }),
  ...(is === undefined ? {} : { is }),
  because,
});
