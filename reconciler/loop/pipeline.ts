/**
 * THE LOOP. Policies come in, ticks come out; everything that touches the world is a parameter.
 *
 *   specs$ -> for each policy: [ change, clock -> policyState -> observe -> decide -> diff -> act -> policyState ] -> events
 *
 * Level-triggered: a tick looks at the world as it is, so losing any one tick costs latency only. policy-state.ts says
 * when a tick runs and what follows from it; tick.ts is one tick. Here is time and concurrency only: a new clock replaces
 * the one before it, work is done one piece after the other, and one policy never waits for another.
 */
import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  endWith,
  filter,
  groupBy,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  shareReplay,
  switchMap,
  take,
  takeUntil,
  takeWhile,
  throwIfEmpty,
  timeout,
  timer,
} from 'rxjs';
import type { Memory } from '../../policies/model/memory.ts';
import { ringing } from './clock.ts';
import type { PipelineEvent } from './pipeline-event.ts';
import type { PolicyEvent } from './policy-event.ts';
import { policyState, type StateEvent, type Todo, unknownPolicy } from './policy-state.ts';
import { stateMachine } from './rx.ts';
import { TICK_TIMEOUT_MS, type TickOptions, tick } from './tick.ts';

export interface PipelineOptions extends TickOptions {
  specs$: Observable<PolicyEvent>;
  /** Returns the memory that a policy resumes with. Read once, when the policy first appears. */
  restore: (name: string) => Observable<Memory>;
  /**
   * When it emits, no tick starts any more; those under way finish, experiments are reverted (or handed over, as the
   * policy says), then the stream completes.
   */
  stop$: Observable<unknown>;
  /** Jitter of back-offs, 0 to 1. Injected, so that tests are repeatable. */
  random?: () => number;
}

/** A policy whose stream broke starts anew after this many milliseconds. */
const RESTART_MS = 10_000;
/** Longest that reading a stored memory may take, its retries included. */
const RESTORE_TIMEOUT_MS = 120_000;

type Work = Extract<Todo, { kind: 'restore' | 'tick' | 'handOver' }>;
const isWork = (todo: Todo): todo is Work =>
  todo.kind === 'restore' || todo.kind === 'tick' || todo.kind === 'handOver';

/** Returns all that happens to all policies. It never fails unless `specs$` does, and ends only after `stop$`. */
export function reconcile(options: PipelineOptions): Observable<PipelineEvent> {
  return options.specs$.pipe(
    takeUntil(options.stop$),
    groupBy((change) => change.name),
    mergeMap((changes$) => surviving(changes$.key, changes$, options)),
  );
}

/** Runs the stream of one policy. After a defect in it, reports the defect and starts anew with the latest version. */
function surviving(
  name: string,
  changes$: Observable<PolicyEvent>,
  options: PipelineOptions,
): Observable<PipelineEvent> {
  const { stop$, scheduler = asyncScheduler } = options;
  const isClaim = ({ kind }: PolicyEvent): boolean => kind === 'claimed';
  const isVersion = ({ kind }: PolicyEvent): boolean => !['requested', 'refused', 'claimed'].includes(kind);
  const claim$ = changes$.pipe(filter(isClaim), shareReplay(1));
  const version$ = changes$.pipe(filter(isVersion), shareReplay(1));
  const other$ = changes$.pipe(filter((change) => !isVersion(change) && !isClaim(change)));
  return policyStream(name, merge(claim$, version$, other$), options).pipe(
    catchError((error: unknown, again$) => {
      const restart$ = timer(RESTART_MS, scheduler).pipe(takeUntil(stop$));
      return concat(of<PipelineEvent>({ kind: 'broken', name, error }), restart$.pipe(switchMap(() => again$)));
    }),
  );
}

/** Everything of one policy: its state machine with its clock and its work around it. */
function policyStream(
  name: string,
  changes$: Observable<PolicyEvent>,
  options: PipelineOptions,
): Observable<PipelineEvent> {
  const { stop$, restore, persist, scheduler = asyncScheduler, random = Math.random } = options;
  const at = (): number => scheduler.now();
  const broke = (error: unknown): Observable<StateEvent> =>
    of({ kind: 'broke', error, at: at(), jitter: random() } as const);

  /** Does one piece of work. Whatever fails in it, also before anything is emitted, is this policy's trouble alone. */
  const work = (todo: Work): Observable<StateEvent> => {
    switch (todo.kind) {
      case 'restore':
        return defer(() => restore(name)).pipe(
          take(1),
          throwIfEmpty(() => new Error('no memory was given')),
          timeout({ each: RESTORE_TIMEOUT_MS, scheduler }),
          map((memory) => ({ kind: 'restored', memory, at: at() }) as const),
          catchError(broke),
        );
      case 'tick':
        return defer(() => tick(todo.input, options)).pipe(
          map((record) => ({ kind: 'ticked', record, at: at(), jitter: random() }) as const),
          catchError(broke),
        );
      case 'handOver':
        // Not stored: the next process takes the runs for interrupted, and reverts them. That is safe too.
        return defer(() => persist?.(name, todo.memory) ?? EMPTY).pipe(
          timeout({ each: TICK_TIMEOUT_MS, scheduler }),
          ignoreElements(),
          catchError(() => EMPTY),
          endWith({ kind: 'handedOver', at: at() } as const),
        );
    }
  };

  const changed$ = changes$.pipe(map((change): StateEvent => ({ kind: 'changed', change, at: at() })));
  const stopped$ = stop$.pipe(
    take(1),
    map((): StateEvent => ({ kind: 'stop', at: at() })),
  );
  const perform = (todo$: Observable<Todo>): Observable<StateEvent> =>
    merge(
      todo$.pipe(
        filter((todo) => todo.kind === 'clock'),
        switchMap(({ clock, policy }) => ringing(clock, policy, scheduler)),
        map((clock): StateEvent => ({ kind: 'due', clock, at: at() })),
      ),
      todo$.pipe(filter(isWork), concatMap(work)),
    );
  return merge(changed$, stopped$).pipe(
    stateMachine(unknownPolicy(name), policyState, perform),
    takeWhile((todo) => todo.kind !== 'end'),
    filter((todo) => todo.kind === 'report'),
    map(({ event }) => event),
  );
}
