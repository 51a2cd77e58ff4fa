import assert from 'node:assert/strict';
import { interval, take } from 'rxjs';
import { test } from 'uvu';
import { random } from '../../../policies/grammar/random.ts';
import { VirtualScheduler } from '../../../reconciler/loop/virtual-time.ts';

test('work runs in order of time, and of scheduling at equal times; cancelled work never', () => {
  const scheduler = new VirtualScheduler(1_000);
  const next = random(1);
  const expected: [number, number][] = [];
  const ran: [number, number][] = [];
  for (let i = 0; i < 500; i++) {
    const delay = Math.floor(next() * 50);
    const cancel = scheduler.at(delay, () => ran.push([scheduler.now(), i]));
    if (next() < 0.3) cancel();
    else expected.push([1_000 + delay, i]);
  }
  scheduler.advanceTo(2_000);
  expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  assert.deepEqual(ran, expected);
  assert.equal(scheduler.now(), 2_000);
});

test('it drives the timers of RxJS, and stops where it is told to', () => {
  const scheduler = new VirtualScheduler();
  const seen: [number, number][] = [];
  interval(10, scheduler)
    .pipe(take(5))
    .subscribe((n) => seen.push([scheduler.now(), n]));
  scheduler.advanceTo(25);
  assert.deepEqual(seen, [
    [10, 0],
    [20, 1],
  ]);
  scheduler.advanceTo(1_000);
  assert.equal(seen.length, 5);
});

test.run();
