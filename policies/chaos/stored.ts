/** Experiments as the status parameter stores them: everything that a restart needs, small enough for 4 KB. */
import type { Action } from '../model/action.ts';
import type { Answer, ChaosMemory, Held } from '../model/chaos.ts';
import type { Instant } from '../model/observation.ts';
import type { Run } from '../model/run.ts';
import { runningFault } from './faults/index.ts';

/** The times of a run, which are stored as seconds since its start. */
export const TIMES = [
  'deadline',
  'injectedAt',
  'activeAt',
  'effectSeenAt',
  'endedAt',
  'removedAt',
  'revertedAt',
  'recoveredAt',
  'seenAt',
] as const;

/** A writing action without the run and the purpose, which are those of the run that stores it. */
type Inverse<A = Action> = A extends Action ? Omit<A, 'run' | 'purpose'> : never;

/** A run with its start as ISO 8601, and its other times as seconds since then: `injectedAt` is `timeline.injected`. */
export type StoredRun = Pick<Run, 'id' | 'experiment' | 'fault' | 'phase'> &
  Partial<Omit<Run, 'id' | 'experiment' | 'fault' | 'phase' | 'startedAt' | 'inverse' | (typeof TIMES)[number]>> & {
    startedAt: string;
    timeline: Record<string, number>;
    inverse?: Inverse[];
  };

/** Times are ISO 8601. */
export interface StoredChaos {
  lookedAt?: string;
  lastEndedAt?: string;
  due?: Record<string, string>;
  held?: Held;
  answers?: Answer[];
}

const KEPT_RUNS = 6;
const KEPT_ANSWERS = 3;
const BECAUSE_LENGTH = 200;
const SHORT_BECAUSE = 90;

const iso = (at: Instant): string => new Date(at).toISOString();

/** Returns the name under which a time of a run stands in its timeline. */
export const timelineKey = (time: (typeof TIMES)[number]): string => time.replace(/At$/, '');

/** Returns the running runs, then the last few that ended. */
export function storedRuns({ runs, recent }: ChaosMemory): StoredRun[] {
  return [...runs, ...recent.slice(0, KEPT_RUNS)].map((run, i) => storedRun(run, i > runs.length));
}

function storedRun(run: Run, isOld: boolean): StoredRun {
  const isEnded = run.phase === 'ended';
  const { startedAt, injection: _, inverse, samples, spec, holdsCount, before, because, ...rest } = run;
  const kept: Partial<Run> & typeof rest = rest;
  for (const time of TIMES) delete kept[time];
  if (isEnded) for (const note of ['stood', 'missing', 'idle', 'ownDeployment'] as const) delete kept[note];
  const { deployment, ...counts } = before;
  return {
    ...kept,
    ...(because === undefined ? {} : { because: shortened(because, isOld ? SHORT_BECAUSE : BECAUSE_LENGTH) }),
    before: isEnded ? counts : before,
    startedAt: iso(startedAt),
    timeline: timelineOf(run),
    // An ended run needs no revert any more, and only the newest one keeps its chart: the log has them all.
    ...(isEnded ? {} : { spec, injection: runningFault(run)?.stored ?? run.injection }),
    ...(isEnded || inverse === undefined ? {} : { inverse: inverse.map(({ run: _, purpose: __, ...write }) => write) }),
    ...(isEnded || holdsCount === undefined ? {} : { holdsCount }),
    ...(samples && !isOld ? { samples } : {}),
  };
}

/** Seconds since the start; rounded for an ended run, which has no deadline any more. */
function timelineOf(run: Run): Record<string, number> {
  const timeline: Record<string, number> = {};
  const isEnded = run.phase === 'ended';
  for (const time of TIMES) {
    const at = run[time];
    if (at === undefined || (isEnded && (time === 'deadline' || time === 'seenAt'))) continue;
    const seconds = (at - run.startedAt) / 1_000;
    timeline[timelineKey(time)] = isEnded ? Math.round(seconds * 10) / 10 : seconds;
  }
  return timeline;
}

const shortened = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 3)}...` : text;

/** Returns everything else that a restart needs of experiments. */
export function storedChaos({ lookedAt, lastEndedAt, due, held, answers }: ChaosMemory): StoredChaos {
  return {
    ...(lookedAt === undefined ? {} : { lookedAt: iso(lookedAt) }),
    ...(lastEndedAt === undefined ? {} : { lastEndedAt: iso(lastEndedAt) }),
    ...(Object.keys(due).length > 0
      ? { due: Object.fromEntries(Object.entries(due).map(([name, at]) => [name, iso(at)])) }
      : {}),
    ...(held ? { held } : {}),
    ...(answers.length > 0 ? { answers: answers.slice(-KEPT_ANSWERS).map(shortAnswer) } : {}),
  };
}

const shortAnswer = (answer: Answer): Answer => ({ ...answer, because: shortened(answer.because, BECAUSE_LENGTH) });
