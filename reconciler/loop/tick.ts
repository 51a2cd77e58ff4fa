/** One tick of one policy: observe, decide, store what will have to be reverted, act. */
import {
  asyncScheduler,
  catchError,
  concatMap,
  defer,
  endWith,
  from,
  ignoreElements,
  map,
  type Observable,
  of,
  type SchedulerLike,
  take,
  throwIfEmpty,
  timeout,
  toArray,
} from 'rxjs';
import { abortStart } from '../../policies/chaos/engine/abort-start.ts';
import { chaosReadings } from '../../policies/chaos/engine/readings.ts';
import { conclude } from '../../policies/conclude.ts';
import { decide } from '../../policies/decide.ts';
import { diff } from '../../policies/diff.ts';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Action, ActionResult } from '../../policies/model/action.ts';
import type { Decision } from '../../policies/model/decision.ts';
import type { Memory } from '../../policies/model/memory.ts';
import type { ChaosRequest, Instant, Observation } from '../../policies/model/observation.ts';
import type { RequiredReadings } from '../../policies/model/required-readings.ts';
import { dryRun, type World } from './world.ts';

/** Longest that looking, or one write, may take: milliseconds, for each policy on its own. */
export const TICK_TIMEOUT_MS = 30_000;

export interface TickOptions {
  world: World;
  /**
   * Stores what a restart must know before anything is done that it would have to revert. After an error nothing of that
   * is done: no write, no fault.
   */
  persist?: (name: string, memory: Memory, decision?: Decision) => Observable<unknown>;
  scheduler?: SchedulerLike;
  /** Defaults to TICK_TIMEOUT_MS. */
  tickTimeout?: number;
}

/** All of one tick. `memory` is the memory that went into the decision, so that the record can be recomputed from itself. */
export interface TickRecord {
  kind: 'tick';
  decision: Decision;
  actions: Action[];
  results: ActionResult[];
  memory: Memory;
  /** The memory after the tick: what a restart must know. */
  after: Memory;
  /** Milliseconds from the tick's start to its end. */
  took: number;
}

export interface TickInput {
  policy: WorkerPolicy;
  memory: Memory;
  requests: readonly ChaosRequest[];
  /** The policy is deleted or the process ends: only writes of experiments are made. */
  release: boolean;
  /** The policy that owns the service, if it is another one. Then nothing is decided here. */
  owner?: string;
}

/** Runs one tick: observe, decide, diff, act. Emits exactly one record; an error is a defect of Sluice. */
export function tick(
  { policy, memory, requests, release, owner }: TickInput,
  options: TickOptions,
): Observable<TickRecord> {
  const { world, scheduler = asyncScheduler, tickTimeout = TICK_TIMEOUT_MS } = options;
  const started = scheduler.now();
  const valid = requests.filter((r) => r.expiresAt > started);
  const requiredReadings = readingsOf(() => chaosReadings(policy, memory.chaos, valid, started));

  return defer(() => world.observe(policy, requiredReadings)).pipe(
    take(1),
    throwIfEmpty(() => new Error('the look at the queue and the service gave no result')),
    timeout({ each: tickTimeout, scheduler }),
    catchError((error: unknown) => of(unobservable(error, scheduler.now()))),
    map((seen) => (valid.length > 0 ? { ...seen, requests: valid } : seen)),
    map((seen) => (owner === undefined ? seen : { ...seen, takenBy: owner })),
    concatMap((seen) => {
      const decided = decide(policy, seen, memory, scheduler.now());
      return persisted(decided, policy.metadata.name, options).pipe(
        concatMap(({ decision, memory: next }) => {
          const actions = diff(decision, seen).filter((action) => !release || action.run !== undefined);
          return perform(actions, policy, decision.evidenceAt ?? seen.at, options).pipe(
            map((results): TickRecord => {
              const after = conclude(next, decision, results, scheduler.now());
              return { kind: 'tick', decision, actions, results, memory, after, took: scheduler.now() - started };
            }),
          );
        }),
      );
    }),
  );
}

/** A defect in the code of experiments costs their readings only; decide() meets it too, and tells of it. */
function readingsOf(find: () => RequiredReadings): RequiredReadings {
  try {
    return find();
  } catch {
    return {};
  }
}

type Decided = ReturnType<typeof decide>;

/**
 * Emits the decision once its intents are stored. If they cannot be stored, emits it without the experiments that it
 * would have started.
 */
function persisted(
  decided: Decided,
  name: string,
  { persist, tickTimeout = TICK_TIMEOUT_MS, scheduler = asyncScheduler }: TickOptions,
): Observable<Decided> {
  const { decision, memory } = decided;
  if ((decision.chaos?.started.length ?? 0) === 0) return of(decided);
  if (!persist) return of(abortStart(decided, 'this process stores no intents'));
  return defer(() => persist(name, memory, decision)).pipe(
    timeout({ each: tickTimeout, scheduler }),
    ignoreElements(),
    endWith(decided),
    catchError((error: unknown) => of(abortStart(decided, asError(error).message))),
  );
}

/** Makes the writes one after the other and emits their results. Writes that revert a fault are made in every mode. */
function perform(
  actions: readonly Action[],
  policy: WorkerPolicy,
  evidenceAt: Instant,
  options: TickOptions,
): Observable<ActionResult[]> {
  const { world, scheduler = asyncScheduler, tickTimeout = TICK_TIMEOUT_MS } = options;
  return from(actions).pipe(
    concatMap((action) => {
      const real = policy.spec.mode === 'enforce' || action.purpose === 'revert';
      return defer(() => (real ? world.act(action, policy, evidenceAt) : dryRun(action, policy))).pipe(
        take(1),
        throwIfEmpty(() => new Error('the write gave no result')),
        timeout({ each: tickTimeout, scheduler }),
        catchError((error: unknown) => of(failedAction(action, error))),
      );
    }),
    toArray(),
  );
}

function unobservable(error: unknown, at: Instant): Observation {
  const { name: code, message } = asError(error);
  const reading = { ok: false as const, at, failure: { class: 'transient' as const, code, message } };
  return { at, queue: reading, service: reading };
}

function failedAction(action: Action, error: unknown): ActionResult {
  const { name: code, message } = asError(error);
  return { action, outcome: 'failed', code, message };
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
