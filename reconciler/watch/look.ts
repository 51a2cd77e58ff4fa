import {
  asyncScheduler,
  catchError,
  from,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  type SchedulerLike,
  takeUntil,
  timer,
} from 'rxjs';
import { exhaustMapLatest } from '../loop/rx.ts';

export interface LookOptions {
  /** Milliseconds between two looks. */
  pollInterval: number;
  /** Looks at once when it emits: a queue of change events, a signal. It is best effort; the poll stays. */
  wake$?: Observable<unknown>;
  stop$?: Observable<unknown>;
  scheduler?: SchedulerLike;
}

/**
 * Emits what each look finds, at once and then again and again until `stop$`. Looks never overlap. A look that fails emits
 * what `failed` makes of the error; the next one comes all the same.
 */
export function looks<T>(
  { pollInterval, wake$ = NEVER, stop$ = NEVER, scheduler = asyncScheduler }: LookOptions,
  look: () => Promise<readonly T[]>,
  failed: (error: unknown) => readonly T[],
): Observable<T> {
  return merge(timer(0, pollInterval, scheduler), wake$).pipe(
    takeUntil(stop$),
    exhaustMapLatest(() =>
      from(look()).pipe(
        catchError((error: unknown) => [failed(error)]),
        mergeMap((found) => from(found)),
      ),
    ),
  );
}
