import assert from 'node:assert/strict';
import { concat, concatMap, filter, map, NEVER, of, Subject, throwError, timer } from 'rxjs';
import { test } from 'uvu';
import { exhaustMapLatest, stateMachine } from '../../../reconciler/loop/rx.ts';
import { VirtualScheduler } from '../../../reconciler/loop/virtual-time.ts';

/** Projects each value to `value!` after 10 ms, and collects what comes out. */
function run(keep?: (value: string) => boolean) {
  const scheduler = new VirtualScheduler();
  const source = new Subject<string>();
  const out: string[] = [];
  const subscription = source
    .pipe(exhaustMapLatest((value) => timer(10, scheduler).pipe(map(() => `${value}!`)), keep))
    .subscribe({
      next: (value) => out.push(value),
      complete: () => out.push('end'),
      error: (error) => out.push(String(error)),
    });
  return { scheduler, source, out, subscription };
}

test('of what comes while it is busy, the newest is next; it never overlaps', () => {
  const { scheduler, source, out } = run();
  for (const value of ['a', 'b', 'c']) source.next(value);
  scheduler.advanceTo(10);
  assert.deepEqual(out, ['a!']);
  scheduler.advanceTo(19);
  assert.deepEqual(out, ['a!']);
  scheduler.advanceTo(20);
  assert.deepEqual(out, ['a!', 'c!']);
});

test('what `keep` refuses is dropped while it is busy, and does not displace what waits', () => {
  const { scheduler, source, out } = run((value) => value === 'edit');
  for (const value of ['tick', 'edit', 'tick']) source.next(value);
  scheduler.advanceTo(100);
  assert.deepEqual(out, ['tick!', 'edit!']);
});

test('it completes after the projection under way and the one that waits', () => {
  const { scheduler, source, out } = run();
  source.next('a');
  source.next('b');
  source.complete();
  assert.deepEqual(out, []);
  scheduler.advanceTo(100);
  assert.deepEqual(out, ['a!', 'b!', 'end']);
});

test('unsubscribing ends the projection', () => {
  const { scheduler, source, out, subscription } = run();
  source.next('a');
  subscription.unsubscribe();
  scheduler.advanceTo(100);
  assert.deepEqual(out, []);
});

test('an error of a projection is the error of the whole', () => {
  let seen: unknown;
  of('a')
    .pipe(exhaustMapLatest(() => throwError(() => new Error('broke'))))
    .subscribe({ error: (error) => (seen = error) });
  assert.match(String(seen), /broke/);
});

test('a hundred thousand projections that end at once need no stack', () => {
  let count = 0;
  const source = new Subject<number>();
  source.pipe(exhaustMapLatest((n) => of(n))).subscribe((n) => {
    count++;
    if (n < 100_000) source.next(n + 1);
  });
  source.next(1);
  assert.equal(count, 100_000);
});

test('a state machine: what it does comes back as events, in order, also when it is done at once', () => {
  const scheduler = new VirtualScheduler();
  const out: string[] = [];
  const count = (state: number, event: 'up' | 'again') => ({
    state: state + 1,
    todo: event === 'up' ? [`${state}: wait`, `${state}: now`] : [`${state}: rest`],
  });
  concat(of<'up' | 'again'>('up'), NEVER)
    .pipe(
      stateMachine(0, count, (todo$) =>
        todo$.pipe(
          filter((todo) => !todo.endsWith('rest')),
          concatMap((todo) => (todo.endsWith('now') ? of(0) : timer(10, scheduler))),
          map((): 'up' | 'again' => 'again'),
        ),
      ),
    )
    .subscribe((todo) => out.push(`${scheduler.now()} ${todo}`));
  scheduler.advanceTo(100);
  assert.deepEqual(out, ['0 0: wait', '0 0: now', '10 1: rest', '10 2: rest']);
});

test.run();
