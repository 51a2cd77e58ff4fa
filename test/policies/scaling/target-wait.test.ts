/** The strategy as a whole: golden decisions, what it says, and properties of any course of events. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { conclude } from '../../../policies/conclude.ts';
import { decide } from '../../../policies/decide.ts';
import { diff } from '../../../policies/diff.ts';
import { parsePolicy } from '../../../policies/document/parse.ts';
import { emptyMemory } from '../../../policies/memory.ts';
import type { Memory } from '../../../policies/model/memory.ts';
import { type Look, look, policyOf, T0 } from '../../support/policy.ts';

const HINTED = { type: 'targetWait' as const, serviceTime: '10s', startUp: '45s' };

function run(looks: Look[], scaling: Parameters<typeof policyOf>[0] = {}) {
  const policy = policyOf({ minWorkers: 0, maxWorkers: 200, strategies: [HINTED], ...scaling });
  let memory: Memory = emptyMemory();
  return looks.map((seen, i) => {
    const at = T0 + i * 10_000;
    const { decision, memory: next } = decide(policy, look({ ...seen, at }), memory, at);
    const results = diff(decision, decision.observation).map((action) => ({ action, outcome: 'applied' as const }));
    memory = conclude(next, decision, results, at);
    return decision;
  });
}

const last = (looks: Look[], scaling?: Parameters<typeof policyOf>[0]) => run(looks, scaling).at(-1)!;
const repeat = (times: number, seen: Look): Look[] => Array.from({ length: times }, () => seen);

test('the only thing to set is the target, and it has a default', () => {
  const policy = policyOf({ strategies: [{ type: 'targetWait' }] });
  assert.deepEqual(policy.spec.scaling.strategies, [
    { type: 'targetWait', targetWait: 60_000, objective: 0.999, taskProtection: false },
  ]);
});

test('cooldowns: none beside targetWait alone, a minute beside others, and what is written holds', () => {
  const cooldowns = (scaling: Parameters<typeof policyOf>[0]) => {
    const { scaleUp, scaleDown } = policyOf(scaling).spec.scaling;
    return [scaleUp.cooldown, scaleDown.cooldown];
  };
  assert.deepEqual(cooldowns({ strategies: [HINTED] }), [0, 0]);
  assert.deepEqual(cooldowns({ strategies: [HINTED, { type: 'threshold' }] }), [60_000, 60_000]);
  assert.deepEqual(cooldowns({ strategies: [HINTED], scaleUp: { cooldown: '5s' } }), [5_000, 0]);
});

test('two targetWaits are refused', () => {
  const document = {
    apiVersion: 'sluice/v1',
    kind: 'WorkerPolicy',
    metadata: { name: 'jobs' },
    spec: {
      queue: { name: 'jobs' },
      service: { name: 'jobs' },
      scaling: { minWorkers: 1, maxWorkers: 2, strategies: [{ type: 'targetWait' }, { type: 'targetWait' }] },
    },
  };
  const parsed = parsePolicy(JSON.stringify(document));
  assert.ok(!parsed.ok, 'is refused');
  assert.equal(parsed.problems[0]?.path, 'spec.scaling.strategies[1]');
});

test('from zero to as many as the burst takes, in one step', () => {
  const { desired, summary } = last([...repeat(3, { workers: 0 }), { workers: 0, visible: 100 }]);
  assert.ok(desired! >= 40 && desired! <= 100, summary);
});

test('what starts already is counted: the same burst asks for nothing more', () => {
  const first = last([...repeat(3, { workers: 2, inFlight: 1 }), { workers: 2, visible: 100, inFlight: 2 }]);
  const up = first.desired!;
  const next = { workers: up, running: 2, visible: 98, inFlight: 2 };
  const then = run([
    ...repeat(3, { workers: 2, inFlight: 1 }),
    { workers: 2, visible: 100, inFlight: 2 },
    ...repeat(3, next),
  ]);
  for (const decision of then.slice(-3)) assert.equal(decision.desired, up, decision.summary);
});

test('one or two messages seen once, at zero, may be ghosts: looked at again when there is time', () => {
  const early = { strategies: [{ ...HINTED, startUp: '20s' }] };
  assert.equal(last([...repeat(3, { workers: 0 }), { workers: 0, visible: 1 }], early).desired, 0);
  assert.equal(last([...repeat(3, { workers: 0 }), ...repeat(2, { workers: 0, visible: 1 })], early).desired, 1);
  const late = last([...repeat(3, { workers: 0 }), { workers: 0, visible: 1 }]);
  assert.ok(late.desired! >= 1, `a start-up of 45 s leaves no time to look twice: ${late.summary}`);
});

test('a short backlog that the running workers will have taken in time asks for nothing', () => {
  const decision = last([...repeat(30, { workers: 10, inFlight: 6 }), { workers: 10, visible: 12, inFlight: 10 }]);
  assert.equal(decision.desired, 10, decision.summary);
});

test('an idle queue goes to zero, and not below minWorkers', () => {
  assert.equal(last(repeat(90, { workers: 1 })).desired, 0);
  assert.equal(last(repeat(90, { workers: 3 }), { minWorkers: 2 }).desired, 2);
});

test('never below the busy workers; with a learned concurrency, of that many messages each', () => {
  const busy = last(repeat(90, { workers: 20, inFlight: 12 }));
  assert.ok(busy.desired! >= 12, busy.summary);
  const wide = run([
    ...repeat(4, { workers: 2, inFlight: 20, visible: 9 }),
    ...repeat(90, { workers: 12, inFlight: 20 }),
  ]);
  assert.ok(wide.at(-1)!.desired! < 12, wide.at(-1)!.summary);
});

test('long jobs: without protection a busy fleet keeps its workers, with the hint it does not', () => {
  const hint = { ...HINTED, serviceTime: '5m' };
  const looks = [...repeat(3, { workers: 40, inFlight: 40, visible: 5 }), ...repeat(120, { workers: 40, inFlight: 8 })];
  const bare = run(looks, { strategies: [hint] }).at(-1)!;
  const safe = run(looks, { strategies: [{ ...hint, taskProtection: true }] }).at(-1)!;
  assert.ok(safe.desired! < bare.desired!, `${safe.desired} with, ${bare.desired} without`);
  assert.match(bare.summary, /scale-in may interrupt/);
});

test('what most past days had at this time is made ready for, and said', () => {
  const policy = policyOf({ maxWorkers: 200, strategies: [HINTED] });
  const usual = { ok: true as const, at: T0, value: { perSecond: 2, days: 9 } };
  const { decision } = decide(policy, { ...look({ workers: 2, inFlight: 1 }), usual }, emptyMemory(), T0);
  assert.ok(decision.desired! >= 20 && decision.desired! <= 24, decision.summary);
  assert.match(decision.summary, /usual at this time: 2\/s/);
});

test('a failed read holds, and teaches nothing', () => {
  const decisions = run([...repeat(20, { workers: 5, inFlight: 3 }), { workers: 5, failQueue: {} }]);
  assert.equal(decisions.at(-1)!.desired, 5);
});

test('every number that was used is in the record, in words', () => {
  const { because } = last(repeat(30, { workers: 4, running: 3, visible: 7, inFlight: 3 })).proposals[0]!;
  for (const part of [
    /Target 60 s/,
    /7 visible, 3 in flight/,
    /3 running, 1 starting/,
    /arrivals [\d.]+\/s keep [\d.]+ slots busy/,
    /[\d.]+ s a message \(planned with [\d.]+ s\), 1 at a time/,
    /[\d.]+ s to start/,
  ])
    assert.match(because, part);
});

const anyLook = fc.record({
  visible: fc.nat(100_000),
  inFlight: fc.nat(20_000),
  workers: fc.nat(500),
  running: fc.nat(500),
});

test('property: whatever is seen, the count is whole and in bounds, the state stays small, replay agrees', () => {
  fc.assert(
    fc.property(fc.array(anyLook, { minLength: 1, maxLength: 80 }), fc.integer({ min: 1, max: 300 }), (looks, step) => {
      const policy = policyOf({ minWorkers: 1, maxWorkers: 400, strategies: [{ type: 'targetWait' }] });
      let memory: Memory = emptyMemory();
      let at = T0;
      for (const seen of looks) {
        at += step * 1_000;
        const observation = look({ ...seen, at });
        const { decision, memory: next } = decide(policy, observation, memory, at);
        const again = decide(policy, JSON.parse(JSON.stringify(observation)), JSON.parse(JSON.stringify(memory)), at);
        assert.deepEqual(again, { decision, memory: next });
        const { desired } = decision;
        assert.ok(Number.isInteger(desired) && desired! >= 1 && desired! <= 400, `desired ${desired}`);
        const text = JSON.stringify(next.estimate);
        assert.ok(!text.includes('null'), `no number is lost: ${text}`);
        assert.ok(text.length < 8_000, `${text.length} bytes of state`);
        memory = next;
      }
    }),
    { numRuns: 60 },
  );
});

test('property: more messages never ask for fewer workers', () => {
  fc.assert(
    fc.property(fc.nat(2_000), fc.nat(2_000), fc.integer({ min: 1, max: 100 }), (a, b, workers) => {
      const asked = (visible: number): number =>
        last([...repeat(5, { workers, inFlight: 1 }), { workers, inFlight: 1, visible }], { maxWorkers: 4_000 })
          .desired!;
      assert.ok(asked(Math.min(a, b)) <= asked(Math.max(a, b)), `${a} and ${b} on ${workers}`);
    }),
    { numRuns: 60 },
  );
});

test.run();
