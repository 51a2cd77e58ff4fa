import { Observable, type OperatorFunction, type Subscription } from 'rxjs';

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
