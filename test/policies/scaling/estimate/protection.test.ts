/** Tests how task protection is learned from what ECS says of the tasks. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { Estimate } from '../../../../policies/model/estimate.ts';
import type { TaskProtection } from '../../../../policies/model/observation.ts';
import { learn } from '../../../../policies/scaling/estimate/learn.ts';
import { busyWorkers, protectedShare } from '../../../../policies/scaling/estimate/protection.ts';
import { workersToSpare } from '../../../../policies/scaling/estimate/scale-in-risk.ts';
import { look, T0 } from '../../../support/policy.ts';

const NO_HINTS = { serviceTime: 300, startUp: undefined, concurrency: 1 };

/** Ten workers, eight of them busy, in so many looks; each look brings what ECS says of the tasks. */
function watch(looks: number, said: (i: number) => TaskProtection | undefined, before?: Estimate, from = 0): Estimate {
  let estimate = before;
  for (let i = from; i < from + looks; i++) {
    const at = T0 + i * 10_000;
    const value = said(i);
    const seen = look({ at, workers: 10, running: 10, inFlight: 8 });
    estimate = learn(estimate, value ? { ...seen, protection: { ok: true, at, value } } : seen, 60, NO_HINTS, at);
  }
  assert.ok(estimate);
  return estimate;
}

test('busy workers: one message each when they take one at a time, fewer than messages when they take several', () => {
  assert.equal(busyWorkers(8, 10, 1), 8);
  assert.equal(busyWorkers(12, 10, 1), 10);
  const several = busyWorkers(12, 10, 10);
  assert.ok(several > 6 && several < 8, `${several}`);
  assert.equal(busyWorkers(5, 0, 1), 0);
});

test('workers that protect themselves are found out within a few readings', () => {
  assert.equal(protectedShare(watch(3, () => undefined)), 0);
  assert.equal(protectedShare(watch(3, () => ({ tasks: 10, protected: 8 }))), 1);
  // Counts and protection are not of quite the same moment.
  assert.equal(protectedShare(watch(20, (i) => ({ tasks: 10, protected: i % 2 ? 9 : 6 }))), 1);
});

test('a sample of a large fleet counts by its size', () => {
  assert.equal(protectedShare(watch(3, () => ({ tasks: 5, protected: 4 }))), 1);
});

test('a share of protected workers lowers the risk of scale-in, and does not end it', () => {
  const half = watch(20, () => ({ tasks: 10, protected: 4 }));
  assert.ok(Math.abs(protectedShare(half) - 0.5) < 0.02, `${protectedShare(half)}`);
  const none = watch(20, () => ({ tasks: 10, protected: 0 }));
  assert.ok(workersToSpare(half, 1, 300) > workersToSpare(none, 1, 300));
  assert.equal(
    workersToSpare(
      watch(20, () => ({ tasks: 10, protected: 8 })),
      1,
      300,
    ),
    Number.POSITIVE_INFINITY,
  );
});

test('workers that stop protecting themselves are found out, too', () => {
  const once = watch(20, () => ({ tasks: 10, protected: 8 }));
  assert.ok(protectedShare(watch(4, () => ({ tasks: 10, protected: 0 }), once, 20)) < 1);
});

test('one reading counts once, and an answer about no task says nothing', () => {
  const once = watch(1, () => undefined);
  const at = T0;
  const reading = { ok: true as const, at: T0 + 5, value: { tasks: 10, protected: 8 } };
  const seen = { ...look({ at: at + 10_000, workers: 10, running: 10, inFlight: 8 }), protection: reading };
  const first = learn(once, seen, 60, NO_HINTS, at + 10_000);
  const again = learn(first, { ...seen, at: at + 20_000 }, 60, NO_HINTS, at + 20_000);
  assert.deepEqual(again?.protection, first?.protection);
  assert.equal(watch(3, () => ({ tasks: 0, protected: 0 })).protection, undefined);
});

test.run();
