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
  groupBy,
  ignoreElements,
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
  takeWhile,
  tap,
  timer,
} from 'rxjs';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import { hash } from '../../policies/grammar/random.ts';
import type { Decision } from '../../policies/model/decision.ts';
import type { Memory } from '../../policies/model/memory.ts';
import type { ChaosRequest, Instant } from '../../policies/model/observation.ts';
import type { PolicyEvent } from './policy-event.ts';
import { exhaustMapLatest } from './rx.ts';
import { TICK_TIMEOUT_MS, type TickRecord, tick } from './tick.ts';
import type { World } from './world.ts';

export { TICK_TIMEOUT_MS, type TickRecord };

/** A tick that broke off where nothing should break: a defect of ours, shown and survived. */
export interface BrokenTick {
  kind: 'broken';
  name: string;
  error: unknown;
}

export type PipelineEvent = TickRecord | BrokenTick | { kind: 'spec'; change: PolicyEvent };

export interface PipelineOptions {
  specs$: Observable<PolicyEvent>;
  world: World;
  /** The memory that a policy resumes with, read once when it first appears. */
  restore: (name: string) => Observable<Memory>;
  /**
   * Writes down what a restart must know before anything is done that it would have to take back. An error keeps it from
   * being done: no write, no fault.
   */
  persist?: (name: string, memory: Memory, decision?: Decision) => Observable<unknown>;
  /**
   * When it emits, no tick starts any more; those under way finish, experiments are reverted (or handed over, as the
   * policy says), then the stream completes.
   */
  stop$: Observable<unknown>;
  scheduler?: SchedulerLike;
  /** Jitter of back-offs, 0 to 1. Injected, so that tests are repeatable. */
  random?: () => number;
  /** Longest a tick may take, in milliseconds. */
  tickTimeout?: number;
}

/** A policy in trouble is looked at no more rarely than this, or than its interval. */
export const LONGEST_BACKOFF_MS = 120_000;
/** While an experiment runs, ticks are no further apart: what is measured is as exact as this. */
const BUSY_TICK_MS = 2_000;
const REQUEST_LIFE_MS = 3_600_000;

export function reconcile(options: PipelineOptions): Observable<PipelineEvent> {
  return options.specs$.pipe(
    takeUntil(options.stop$),
    groupBy((change) => change.name),
    mergeMap((changes$) => policyStream(changes$.pipe(share()), options)),
  );
}

/** What is done next for one policy. `release` ends its experiments and touches nothing else. */
type Todo =
  | { kind: 'tick'; policy: WorkerPolicy; keep: boolean }
  | { kind: 'release'; policy: WorkerPolicy; by: string; keep: true }
  | { kind: 'forget'; name: string; keep: true };

/** Everything of one policy: its changes as they come, and its ticks. */
function policyStream(changes$: Observable<PolicyEvent>, options: PipelineOptions): Observable<PipelineEvent> {
  const { scheduler = asyncScheduler, random = Math.random } = options;
  let memory: Memory | undefined;
  let policy: WorkerPolicy | undefined;
  let gone = false;
  const requests = new Map<string, ChaosRequest[]>();
  let failures = 0;
  let notBefore = Number.NEGATIVE_INFINITY;

  const busy = (): boolean => (memory?.chaos?.runs.length ?? 0) > 0;
  const restoreOnce = (name: string): Observable<Memory> =>
    defer(() => (memory ? of(memory) : options.restore(name).pipe(take(1))));

  const settle = (failed: boolean, interval: number): void => {
    failures = failed ? failures + 1 : 0;
    notBefore = failures > 1 ? scheduler.now() + backoff(failures, interval, random()) : Number.NEGATIVE_INFINITY;
  };

  const tickOf = (on: WorkerPolicy, asked: ChaosRequest[], release: boolean): Observable<PipelineEvent> =>
    defer(() => {
      // An experiment is never left alone for the length of a back-off.
      if (scheduler.now() < notBefore && !busy()) return EMPTY;
      return restoreOnce(on.metadata.name).pipe(
        concatMap((remembered) => tick({ policy: on, memory: remembered, requests: asked, release }, options)),
      );
    }).pipe(
      tap((record) => {
        memory = record.after;
        settle(record.after.failedTicks > 0 || record.results.some((r) => r.outcome === 'failed'), on.spec.interval);
      }),
      catchError((error: unknown) => {
        settle(true, on.spec.interval);
        return of<BrokenTick>({ kind: 'broken', name: on.metadata.name, error });
      }),
    );

  const perform = (todo: Todo): Observable<PipelineEvent> => {
    if (todo.kind === 'tick') return tickOf(todo.policy, [...requests.values()].flat(), false);
    if (todo.kind === 'release') return tickOf(todo.policy, [stopRequest(todo.by, scheduler.now())], true);
    memory = undefined;
    return of({ kind: 'spec', change: { kind: 'deleted', name: todo.name } });
  };

  /** Ticks of a policy that is let go, until its experiments are reverted. An orphan's first tick reads what there is. */
  const releases = (by: string, orphan = false): Observable<Todo> =>
    defer(() =>
      timer(0, BUSY_TICK_MS, scheduler).pipe(
        takeWhile(() => policy !== undefined && (busy() || (orphan && memory === undefined))),
        map((): Todo => ({ kind: 'release', policy: policy!, by, keep: true })),
      ),
    );

  const todo$ = changes$.pipe(
    tap((change) => {
      if (change.kind === 'applied' || change.kind === 'orphaned') policy = change.policy;
      if (change.kind === 'applied' || change.kind === 'deleted') gone = change.kind === 'deleted';
      if (change.kind === 'requested') requests.set(change.source, change.requests);
      // An edit deserves an answer at once, whatever trouble the version before it had.
      failures = 0;
      notBefore = Number.NEGATIVE_INFINITY;
    }),
    // Neither may break into the release of a policy that is gone.
    filter((change) => change.kind !== 'refused' && !(change.kind === 'requested' && gone)),
    switchMap((change): Observable<Todo> => {
      if (change.kind === 'deleted' || change.kind === 'orphaned') {
        const orphan = change.kind === 'orphaned';
        return concat(
          releases('the policy was deleted', orphan),
          of<Todo>({ kind: 'forget', name: change.name, keep: true }),
        );
      }
      if (!policy) return EMPTY;
      const on = policy;
      return triggers(on, busy, scheduler).pipe(map((keep): Todo => ({ kind: 'tick', policy: on, keep })));
    }),
    // Not on the ticks themselves: the one under way finishes.
    takeUntil(options.stop$),
    (todos$) =>
      concat(
        todos$,
        defer(() => (policy?.spec.chaos.onShutdown === 'revert' ? releases('shutdown') : EMPTY)),
      ),
    exhaustMapLatest(perform, ({ keep }) => keep),
  );
  const last$ = defer(
    (): Observable<PipelineEvent> => (policy && busy() ? handOver(policy.metadata.name, memory!, options) : EMPTY),
  );
  const echo$ = changes$.pipe(
    filter((change) => change.kind !== 'deleted' && change.kind !== 'requested'),
    map((change): PipelineEvent => ({ kind: 'spec', change })),
  );
  // echo$ first, so that a version is reported before the first tick that follows it.
  return merge(echo$, concat(todo$, last$));
}

const stopRequest = (by: string, now: Instant): ChaosRequest => ({
  id: `release ${now}`,
  action: 'stop',
  by,
  expiresAt: now + REQUEST_LIFE_MS,
});

/** Writes down that what still runs is left to the next process on purpose. */
function handOver(name: string, memory: Memory, { persist }: PipelineOptions): Observable<never> {
  if (!persist || !memory.chaos) return EMPTY;
  const runs = memory.chaos.runs.map((run) => ({ ...run, handedOver: true as const }));
  return persist(name, { ...memory, chaos: { ...memory.chaos, runs } }).pipe(
    ignoreElements(),
    // Not written: the next process takes the runs for interrupted, and reverts them. That is safe too.
    catchError(() => EMPTY),
  );
}

/** Now (true: an edit), and then on the policy's own grid (false): offset by its name, so that a thousand policies do not all tick at once. */
function triggers(
  { metadata, spec }: WorkerPolicy,
  busy: () => boolean,
  scheduler: SchedulerLike,
): Observable<boolean> {
  const { interval } = spec;
  const phase = hash(metadata.name) % interval;
  const untilGrid = (((phase - scheduler.now()) % interval) + interval) % interval;
  const grid$ = timer(untilGrid === 0 ? interval : untilGrid, interval, scheduler);
  const quick$ =
    spec.chaos.experiments.length > 0 && interval > BUSY_TICK_MS
      ? timer(BUSY_TICK_MS, BUSY_TICK_MS, scheduler).pipe(filter(busy))
      : EMPTY;
  return concat(of(true), merge(grid$, quick$).pipe(map(() => false)));
}

/** After the second failure in a row: doubling from one interval, capped, and jittered down by up to a half. */
function backoff(failures: number, interval: number, random: number): number {
  const full = Math.min(Math.max(LONGEST_BACKOFF_MS, interval), interval * 2 ** Math.min(failures - 1, 20));
  return full * (1 - random / 2);
}
