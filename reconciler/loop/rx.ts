import {
  concatMap,
  connect,
  defer,
  ignoreElements,
  merge,
  Observable,
  type OperatorFunction,
  Subject,
  type Subscription,
  scan,
  tap,
} from 'rxjs';

/**
 * exhaustMap that does not lose what must not be lost: of the values that arrive while a projection runs, the newest
 * that `keep` accepts is projected next. For edits and wake-ups; ticks of a clock may be dropped. Projections never
 * overlap, and may complete synchronously.
 */
export function exhaustMapLatest<T, R>(
  project: (value: T) => Observable<R>,
  keep: (value: T) => boolean = () => true,
): OperatorFunction<T, R> {
  return (source) =>
    new Observable<R>((subscriber) => {
      let inner: Subscription | undefined;
      let running = false;
      let waiting: { value: T } | undefined;
      let sourceDone = false;
      const run = (first: T): void => {
        running = true;
        let next: { value: T } | undefined = { value: first };
        // A loop and not a recursion, so that a thousand synchronous projections need no stack.
        while (next && !subscriber.closed) {
          const { value } = next;
          next = undefined;
          let synchronous = true;
          let ended = false;
          inner = project(value).subscribe({
            next: (result) => subscriber.next(result),
            error: (error) => subscriber.error(error),
            complete: () => {
              ended = true;
              if (!synchronous) settle();
            },
          });
          synchronous = false;
          if (!ended) return;
          next = waiting;
          waiting = undefined;
        }
        running = false;
        if (sourceDone) subscriber.complete();
      };
      const settle = (): void => {
        const next = waiting;
        waiting = undefined;
        if (next) {
          run(next.value);
          return;
        }
        running = false;
        if (sourceDone) subscriber.complete();
      };
      const outer = source.subscribe({
        next: (value) => {
          if (!running) run(value);
          else if (keep(value)) waiting = { value };
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          sourceDone = true;
          if (!running) subscriber.complete();
        },
      });
      return () => {
        outer.unsubscribe();
        inner?.unsubscribe();
      };
    });
}

/**
 * Runs a state machine. Events are those of the source and those that `perform` makes of the things to do; each goes
 * through `reduce`, one at a time and in order. Emits the things to do, each before it is performed.
 */
export function stateMachine<State, Event, Todo>(
  initial: State,
  reduce: (state: State, event: Event) => { state: State; todo: readonly Todo[] },
  perform: (todo$: Observable<Todo>) => Observable<Event>,
): OperatorFunction<Event, Todo> {
  return (source) =>
    defer(() => {
      const fedBack$ = new Subject<Event>();
      return merge(source, fedBack$).pipe(
        scan((before, event) => reduce(before.state, event), { state: initial, todo: [] as readonly Todo[] }),
        concatMap(({ todo }) => todo),
        connect((todo$) =>
          merge(
            todo$,
            perform(todo$).pipe(
              tap((event) => fedBack$.next(event)),
              ignoreElements(),
            ),
          ),
        ),
      );
    });
}
