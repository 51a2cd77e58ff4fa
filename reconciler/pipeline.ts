/**
 * THE LOOP. Policies come in, ticks come out; everything that touches the world is a parameter.
 *
 *   specs$ -> one stream for each policy: [ trigger -> observe -> decide -> diff -> act ] -> events
 *
 * Level-triggered: a tick looks at the world as it is, so losing any one tick costs latency only. One policy's trouble
 * is its own: whatever fails inside its tick becomes that tick's record, with a capped and jittered back-off.
 */
import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  from,
  groupBy,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  type SchedulerLike,
  share,
  switchMap,
  take,
  takeUntil,
  tap,
  timeout,
  timer,
  toArray,
} from 'rxjs';
import type { Action, ActionResult } from '../policies/action.ts';
import { commit, decide } from '../policies/decide.ts';
import type { Decision } from '../policies/decision.ts';
import { diff } from '../policies/diff.ts';
import type { WorkerPolicy } from '../policies/document.ts';
import type { Memory } from '../policies/memory.ts';
import type { Instant, Observation } from '../policies/observation.ts';
import { exhaustMapLatest } from './rx.ts';
import type { SpecChange } from './spec.ts';
import { dryRun, type World } from './world.ts';

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

/** A tick that broke off where nothing should break: a defect of ours, shown and survived. */
export interface BrokenTick {
  kind: 'broken';
  name: string;
  error: unknown;
}

export type PipelineEvent = TickRecord | BrokenTick | { kind: 'spec'; change: SpecChange };

export interface PipelineOptions {
  specs$: Observable<SpecChange>;
  world: World;
  /** The memory that a policy resumes with, read once when it first appears. */
  restore: (name: string) => Observable<Memory>;
  /** When it emits, no tick starts any more; those under way finish, then the stream completes. */
  stop$: Observable<unknown>;
  scheduler?: SchedulerLike;
  /** Jitter of back-offs, 0 to 1. Injected, so that tests are repeatable. */
  random?: () => number;
  /** Longest a tick may take, in milliseconds. */
  tickTimeout?: number;
}

/** A policy in trouble is looked at no more rarely than this, or than its interval. */
export const LONGEST_BACKOFF_MS = 120_000;
export const TICK_TIMEOUT_MS = 30_000;

export function reconcile(options: PipelineOptions): Observable<PipelineEvent> {
  return options.specs$.pipe(
    takeUntil(options.stop$),
    groupBy((change) => change.name, {
      duration: (group) => group.pipe(filter((change) => change.kind === 'deleted')),
    }),
    mergeMap((changes$) => policyStream(changes$.pipe(share()), options)),
  );
}

/** Everything of one policy, from its first version to its deletion: its changes as they come, and its ticks. */
function policyStream(changes$: Observable<SpecChange>, options: PipelineOptions): Observable<PipelineEvent> {
  const { scheduler = asyncScheduler, random = Math.random } = options;
  let memory: Memory | undefined;
  let failures = 0;
  let notBefore = Number.NEGATIVE_INFINITY;

  const restoreOnce = (name: string): Observable<Memory> =>
    defer(() => (memory ? of(memory) : options.restore(name).pipe(take(1))));

  const settle = (failed: boolean, interval: number): void => {
    failures = failed ? failures + 1 : 0;
    notBefore = failures > 1 ? scheduler.now() + backoff(failures, interval, random()) : Number.NEGATIVE_INFINITY;
  };

  const tickOf = (policy: WorkerPolicy): Observable<PipelineEvent> =>
    defer(() => {
      if (scheduler.now() < notBefore) return EMPTY;
      return restoreOnce(policy.metadata.name).pipe(concatMap((remembered) => tick(policy, remembered, options)));
    }).pipe(
      tap((record) => {
        memory = record.after;
        settle(
          record.after.failedTicks > 0 || record.results.some((r) => r.outcome === 'failed'),
          policy.spec.interval,
        );
      }),
      catchError((error: unknown) => {
        settle(true, policy.spec.interval);
        return of<BrokenTick>({ kind: 'broken', name: policy.metadata.name, error });
      }),
    );

  const ticks$ = changes$.pipe(
    filter((change) => change.kind === 'applied'),
    switchMap(({ policy, name }) => {
      // An edit deserves an answer at once, whatever trouble the version before it had.
      failures = 0;
      notBefore = Number.NEGATIVE_INFINITY;
      return triggers(name, policy.spec.interval, scheduler).pipe(map((edited) => ({ policy, edited })));
    }),
    // Not on the ticks themselves: the one under way finishes.
    takeUntil(merge(options.stop$, changes$.pipe(filter((change) => change.kind === 'deleted')))),
    exhaustMapLatest(
      ({ policy }) => tickOf(policy),
      ({ edited }) => edited,
    ),
  );
  const echo$ = changes$.pipe(map((change): PipelineEvent => ({ kind: 'spec', change })));
  // echo$ first, so that a version is reported before the first tick that follows it.
  return merge(echo$, ticks$);
}

/** Now (true: an edit), and then on the policy's own grid (false): offset by its name, so that a thousand policies do not all tick at once. */
function triggers(name: string, interval: number, scheduler: SchedulerLike): Observable<boolean> {
  const phase = hash(name) % interval;
  const untilGrid = (((phase - scheduler.now()) % interval) + interval) % interval;
  const grid$ = timer(untilGrid === 0 ? interval : untilGrid, interval, scheduler);
  return concat(of(true), grid$.pipe(map(() => false)));
}

/** One tick: observe, decide, diff, act. Emits exactly one record, and never errors. */
function tick(policy: WorkerPolicy, memory: Memory, options: PipelineOptions): Observable<TickRecord> {
  const { world, scheduler = asyncScheduler, tickTimeout = TICK_TIMEOUT_MS } = options;
  const started = scheduler.now();
  const act: World['act'] = policy.spec.mode === 'enforce' ? world.act.bind(world) : dryRun;

  return defer(() => world.observe(policy)).pipe(
    take(1),
    timeout({ each: tickTimeout, scheduler }),
    catchError((error: unknown) => of(unobservable(error, scheduler.now()))),
    concatMap((seen) => {
      const now = scheduler.now();
      const { decision, memory: next } = decide(policy, seen, memory, now);
      const actions = diff(decision, seen);
      return from(actions).pipe(
        concatMap((action) =>
          act(action, policy).pipe(
            timeout({ each: tickTimeout, scheduler }),
            catchError((error: unknown) => of(failedAction(action, error))),
          ),
        ),
        toArray(),
        map((results): TickRecord => {
          // A cooldown starts when the world has taken the change, not when we meant to make it.
          const made = results.length > 0 && results.every((r) => r.outcome !== 'failed');
          const after = made ? commit(next, decision) : next;
          return { kind: 'tick', decision, actions, results, memory, after, took: scheduler.now() - started };
        }),
      );
    }),
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

/** After the second failure in a row: doubling from one interval, capped, and jittered down by up to a half. */
function backoff(failures: number, interval: number, random: number): number {
  const full = Math.min(Math.max(LONGEST_BACKOFF_MS, interval), interval * 2 ** Math.min(failures - 1, 20));
  return full * (1 - random / 2);
}

/** FNV-1a, 32 bit: spreads names evenly over the grid. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h;
}
