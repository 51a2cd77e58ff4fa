/** Experiments as they stand in the status parameter, and back: what a restart must know, small enough for 4 KB. */
import type { Instant } from '../model/observation.ts';
import { type Answer, type ChaosMemory, emptyChaos, type Held, type Run } from './run.ts';

/** A run with its start as ISO 8601, and all its other times as seconds since then. */
export type StoredRun = Record<string, unknown> &
  Pick<Run, 'id' | 'experiment' | 'fault' | 'phase' | 'verdict' | 'because'> & {
    startedAt: string;
    timeline: Record<string, number>;
  };

export interface StoredChaos {
  /** ISO 8601: occurrences up to here have been dealt with. */
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

const TIMES = [
  'deadline',
  'injectedAt',
  'activeAt',
  'effectSeenAt',
  'endedAt',
  'removedAt',
  'revertedAt',
  'recoveredAt',
] as const;

const iso = (at: Instant): string => new Date(at).toISOString();

/** Running ones first, then the last few. */
export function storedRuns({ runs, recent }: ChaosMemory): StoredRun[] {
  return [...runs, ...recent.slice(0, KEPT_RUNS)].map((run, i) => storedRun(run, i > runs.length));
}

function storedRun(run: Run, old: boolean): StoredRun {
  const ended = run.phase === 'ended';
  const { startedAt, injection, samples, spec, deadline, before, because, ...rest } = run;
  const timeline: Record<string, number> = {};
  for (const key of TIMES) {
    const at = run[key];
    delete (rest as Partial<Run>)[key];
    if (at === undefined || (ended && key === 'deadline')) continue;
    const seconds = (at - startedAt) / 1_000;
    timeline[key.replace(/At$/, '')] = ended ? Math.round(seconds * 10) / 10 : seconds;
  }
  const { deployment, ...counts } = before;
  return {
    ...rest,
    ...(because === undefined ? {} : { because: shortened(because, old ? SHORT_BECAUSE : BECAUSE_LENGTH) }),
    before: ended ? counts : before,
    startedAt: iso(startedAt),
    timeline,
    // What an ended run needs no more, and the chart of all but the newest: the log has them.
    ...(ended ? {} : { spec, injection: storedInjection(run) }),
    ...(samples && !old ? { samples } : {}),
  };
}

const shortened = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 3)}...` : text;

/** What the revert needs. The targets of stopTask and the statement's text are only for the injection. */
function storedInjection({ injection }: Run): object {
  if (injection.type === 'stopTask') return { type: injection.type, count: injection.count };
  const { statement: _, ...rest } = injection as typeof injection & { statement?: string };
  return rest;
}

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

/** The memory that a restarted process resumes with; undefined when nothing was stored. Damaged parts are left out. */
export function chaosFrom(runs: unknown, chaos: unknown): ChaosMemory | undefined {
  const stored = (typeof chaos === 'object' && chaos !== null ? chaos : undefined) as StoredChaos | undefined;
  const all = Array.isArray(runs) ? runs.flatMap(runFrom) : [];
  if (!stored && all.length === 0) return undefined;
  const time = (text: unknown): Instant | undefined => {
    const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
    return Number.isFinite(at) ? at : undefined;
  };
  const lookedAt = time(stored?.lookedAt);
  const lastEndedAt = time(stored?.lastEndedAt);
  return {
    ...emptyChaos(),
    runs: all.filter((r) => r.phase !== 'ended'),
    recent: all.filter((r) => r.phase === 'ended'),
    answers: Array.isArray(stored?.answers) ? stored.answers : [],
    due: Object.fromEntries(
      Object.entries(stored?.due ?? {}).flatMap(([name, text]) => {
        const at = time(text);
        return at === undefined ? [] : [[name, at] as const];
      }),
    ),
    ...(lookedAt === undefined ? {} : { lookedAt }),
    ...(lastEndedAt === undefined ? {} : { lastEndedAt }),
    ...(stored?.held && Number.isInteger(stored.held.count) ? { held: stored.held } : {}),
    resumed: true,
  };
}

function runFrom(value: unknown): Run[] {
  const stored = value as Record<string, unknown> | null;
  if (typeof stored !== 'object' || stored === null || typeof stored.id !== 'string') return [];
  const { timeline, ...run } = stored;
  const startedAt = Date.parse(String(run.startedAt));
  if (!Number.isFinite(startedAt)) return [];
  run.startedAt = startedAt;
  for (const key of TIMES) {
    const seconds = (timeline as Record<string, unknown> | undefined)?.[key.replace(/At$/, '')];
    if (typeof seconds === 'number') run[key] = startedAt + Math.round(seconds * 1_000);
  }
  run.deadline ??= startedAt;
  const whole = typeof run.phase === 'string' && typeof run.peak === 'object';
  const known = run.phase === 'ended' || (typeof run.injection === 'object' && run.injection !== null);
  return whole && known ? [{ injection: { type: 'stopTask', count: 0 }, spec: 0, ...run } as unknown as Run] : [];
}
