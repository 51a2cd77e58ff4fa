/** Restarts: a process that resumes from the status removes no worker that the one before it would have kept. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { conclude } from '../../policies/conclude.ts';
import { decide } from '../../policies/decide.ts';
import { diff } from '../../policies/diff.ts';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Memory } from '../../policies/model/memory.ts';
import { memoryFrom, parseStatus } from '../../policies/restore.ts';
import { statusOf } from '../../policies/status.ts';
import { type Look, look, memoryOf, policyOf, T0 } from '../support/policy.ts';

const TICK_MS = 10_000;
/**
 * Ticks after the restart that are compared: the stabilization window, and the shortest time for which targetWait keeps
 * workers. Later, the old process may know of a burst that came after the last status was written, and be more careful.
 */
const WINDOWS = { targetWait: 8, stabilized: 30 };

const POLICIES = {
  targetWait: policyOf({ minWorkers: 0, maxWorkers: 100, strategies: [{ type: 'targetWait' }] }),
  stabilized: policyOf({
    minWorkers: 0,
    maxWorkers: 100,
    strategies: [{ type: 'backlogPerWorker', target: 5 }],
    scaleUp: { cooldown: '0s' },
    scaleDown: { cooldown: '0s', stabilizationWindow: '5m' },
  }),
};

/** One tick of a world in which the service has what was decided. */
function tick(policy: WorkerPolicy, memory: Memory, seen: Look, at: number) {
  const observation = look({ ...seen, at });
  const { decision, memory: next } = decide(policy, observation, memory, at);
  const results = diff(decision, observation).map((action) => ({ action, outcome: 'applied' as const }));
  return { desired: decision.desired!, memory: conclude(next, decision, results, at) };
}

const store = (memory: Memory, at: number): string => JSON.stringify(statusOf({ generation: 1, memory, now: at }));

const course = fc.array(fc.record({ visible: fc.nat(120), inFlight: fc.nat(40) }), { minLength: 50, maxLength: 90 });

for (const name of ['targetWait', 'stabilized'] as const)
  test(`${name}: no scale-in in the first window that the old process would not have made`, () => {
    fc.assert(
      fc.property(course, fc.integer({ min: 12, max: 45 }), fc.integer({ min: 0, max: 6 }), (looks, stop, old) => {
        const policy = POLICIES[name];
        let kept = memoryOf();
        let desired = 5;
        /** Workers at the restart. */
        let found = 0;
        let stored: string | undefined;
        let fresh: Memory | undefined;
        for (const [i, seen] of looks.entries()) {
          if (i >= stop + WINDOWS[name]) return;
          const at = T0 + i * TICK_MS;
          const seenNow = { ...seen, inFlight: Math.min(seen.inFlight, desired), workers: desired };
          if (i === stop) {
            fresh = memoryFrom(parseStatus(stored));
            found = desired;
          }
          if (fresh) {
            const after = tick(policy, fresh, seenNow, at);
            fresh = after.memory;
            const before = tick(policy, kept, seenNow, at);
            // Workers that were added after the restart are no part of the promise.
            const bolder = after.desired < Math.min(desired, found) && after.desired < before.desired;
            assert.ok(!bolder, `tick ${i}: ${desired} -> ${after.desired}, before the restart -> ${before.desired}`);
          }
          const whole = tick(policy, kept, seenNow, at);
          kept = whole.memory;
          desired = whole.desired;
          // The last status was written some ticks before the end.
          if (i === stop - 1 - old) stored = store(kept, at);
        }
      }),
      { numRuns: 150 },
    );
  });

test('targetWait keeps its workers over a restart (14 -> 11 within 0.3 s, once)', () => {
  const policy = POLICIES.targetWait;
  let memory = memoryOf();
  let desired = 1;
  let at = T0;
  for (let i = 0; i < 60; i++, at += TICK_MS) {
    const burst = i > 20 && i < 30;
    ({ memory, desired } = tick(
      policy,
      memory,
      { visible: burst ? 60 : 0, inFlight: Math.min(desired, 8), workers: desired },
      at,
    ));
    if (i === 32) break;
  }
  const busy = desired;
  assert.ok(busy > 8, `${busy} workers`);
  const back = memoryFrom(parseStatus(store(memory, at)));
  const after = tick(policy, back, { visible: 0, inFlight: 2, workers: busy }, at + 300);
  assert.equal(after.desired, busy);
});

test('what was learned comes back', () => {
  let memory = memoryOf();
  let at = T0;
  for (let i = 0; i < 60; i++, at += TICK_MS)
    ({ memory } = tick(POLICIES.targetWait, memory, { visible: 3, inFlight: 4, workers: 4 }, at));
  const back = memoryFrom(parseStatus(store(memory, at)));
  const { last, load, service, concurrency, startUp, bursts } = memory.estimate!;
  assert.deepEqual(
    [back.estimate?.load, back.estimate?.concurrency, back.estimate?.startUp, back.estimate?.service.work],
    [load, concurrency, startUp, service.work],
  );
  assert.equal(back.estimate?.bursts.excess.length, bursts.excess.length);
  assert.ok(Math.abs(back.estimate!.last.at - last.at) <= 100, 'to a tenth of a second');
  const spans = (e: typeof memory.estimate) => e!.spans.reduce((sum, s) => sum + s.length, 0);
  assert.ok(Math.abs(spans(back.estimate) - spans(memory.estimate)) < 1, 'all of the time that was watched');
});

test('a status that does not know the past makes a restart careful, and a new policy has no past', () => {
  const policy = POLICIES.stabilized;
  const idle: Look = { visible: 0, workers: 9 };
  assert.equal(tick(policy, memoryFrom(parseStatus('{"conditions":[null]}')), idle, T0).desired, 9);
  assert.equal(tick(policy, memoryFrom(undefined), idle, T0).desired, 0);
});

test.run();
