/** One tick of one policy: observe, decide, write down what will have to be taken back, act. */
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
  take,
  timeout,
  toArray,
} from 'rxjs';
import { abortStart } from '../../policies/chaos/engine/abort-start.ts';
import { chaosReadings } from '../../policies/chaos/engine/step.ts';
import { conclude, decide } from '../../policies/decide.ts';
import { diff } from '../../policies/diff.ts';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Action, ActionResult } from '../../policies/model/action.ts';
import type { Decision } from '../../policies/model/decision.ts';
import type { Memory } from '../../policies/model/memory.ts';
import type { ChaosRequest, Instant, Observation } from '../../policies/model/observation.ts';
import type { PipelineOptions } from './pipeline.ts';
import { dryRun } from './world.ts';

export const TICK_TIMEOUT_MS = 30_000;

/** All of one tick. `memory` is what went into the decision, so that the record can be recomputed from itself. */
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
  /** The policy is let go: only what experiments did is written. */
  release: boolean;
}

/** One tick: observe, decide, diff, act. Emits exactly one record, and never errors. */
export function tick(
  { policy, memory, requests, release }: TickInput,
  options: PipelineOptions,
): Observable<TickRecord> {
  const { world, scheduler = asyncScheduler, tickTimeout = TICK_TIMEOUT_MS } = options;
  const started = scheduler.now();
  const valid = requests.filter((r) => r.expiresAt > started);
  const requiredReadings = chaosReadings(policy, memory.chaos, valid, started);

  return defer(() => world.observe(policy, requiredReadings)).pipe(
    take(1),
    timeout({ each: tickTimeout, scheduler }),
    catchError((error: unknown) => of(unobservable(error, scheduler.now()))),
    map((seen) => (valid.length > 0 ? { ...seen, requests: valid } : seen)),
    concatMap((seen) => {
      const decided = decide(policy, seen, memory, scheduler.now());
      return persisted(decided, policy.metadata.name, options).pipe(
        concatMap(({ decision, memory: next }) => {
          const actions = diff(decision, seen).filter((action) => !release || action.run !== undefined);
          return perform(actions, policy, options).pipe(
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

type Decided = ReturnType<typeof decide>;

/** The same, once what it starts is written down; without what it starts when that fails. */
function persisted(
  decided: Decided,
  name: string,
  { persist, tickTimeout = TICK_TIMEOUT_MS, scheduler = asyncScheduler }: PipelineOptions,
): Observable<Decided> {
  const { decision, memory } = decided;
  if ((decision.chaos?.started.length ?? 0) === 0) return of(decided);
  if (!persist) return of(abortStart(decided, 'nothing here writes intents down'));
  return persist(name, memory, decision).pipe(
    timeout({ each: tickTimeout, scheduler }),
    ignoreElements(),
    endWith(decided),
    catchError((error: unknown) => of(abortStart(decided, error instanceof Error ? error.message : String(error)))),
  );
}

/** In order, one after the other. What takes a fault back is done in every mode. */
function perform(
  actions: readonly Action[],
  policy: WorkerPolicy,
  options: PipelineOptions,
): Observable<ActionResult[]> {
  const { world, scheduler = asyncScheduler, tickTimeout = TICK_TIMEOUT_MS } = options;
  return from(actions).pipe(
    concatMap((action) => {
      const real = policy.spec.mode === 'enforce' || action.purpose === 'revert';
      return (real ? world.act(action, policy) : dryRun(action, policy)).pipe(
        timeout({ each: tickTimeout, scheduler }),
        catchError((error: unknown) => of(failedAction(action, error))),
      );
    }),
    toArray(),
  );
}

function unobservable(error: unknown, at: Instant): Observation {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error ? error.name : 'Error';
  const reading = { ok: false as const, at, failure: { class: 'transient' as const, code, message } };
  return { at, queue: reading, service: reading };
}

function failedAction(action: Action, error: unknown): ActionResult {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { action, outcome: 'failed', code: name, message };
}
