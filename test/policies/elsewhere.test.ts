/** Changes of the desired count by others: what counts as one, and what follows from it. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { conclude } from '../../policies/conclude.ts';
import { type Decided, decide } from '../../policies/decide.ts';
import { diff } from '../../policies/diff.ts';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { ActionResult } from '../../policies/model/action.ts';
import type { Memory } from '../../policies/model/memory.ts';
import { statusOf } from '../../policies/status.ts';
import { type Look, look, memoryOf, policyOf, T0 } from '../support/policy.ts';

const s = 1_000;
const backlog = policyOf({ strategies: [{ type: 'backlogPerWorker', target: 5 }] });
const threshold = policyOf();

/** Plays one tick. `outcome`: what becomes of its writes. */
function tick(
  policy: WorkerPolicy,
  seen: Look,
  before: Memory,
  at: number,
  outcome: 'applied' | 'failed' = 'applied',
): Decided {
  const observation = look({ ...seen, at });
  const { decision, memory } = decide(policy, observation, before, at);
  const results = diff(decision, observation).map(
    (action): ActionResult =>
      outcome === 'applied' ? { action, outcome } : { action, outcome, code: 'TimeoutError', message: 'no reply' },
  );
  return { decision, memory: conclude(memory, decision, results, at) };
}

/** The memory of a policy that scaled up from 2 to 8 workers at T0. */
const scaledTo8 = (): Memory => tick(backlog, { visible: 40, workers: 2 }, memoryOf(), T0).memory;

test('a reset by a deployment tool is told, and answered in the same tick in spite of the cooldown', () => {
  const { decision } = tick(backlog, { visible: 40, workers: 1 }, scaledTo8(), T0 + 10 * s);
  assert.deepEqual(decision.changedElsewhere, { from: 8, to: 1, at: T0 + 10 * s });
  assert.equal(decision.desired, 8);
  assert.match(decision.summary, /^somebody else changed the desired count from 8 to 1; 1 -> 8 workers/);
});

test('strategies that move by steps go on from the count before the reset', () => {
  const before = tick(threshold, { visible: 30, workers: 8 }, memoryOf(), T0).memory;
  const { decision, memory } = tick(threshold, { visible: 30, workers: 1 }, before, T0 + 10 * s);
  assert.equal(decision.desired, 8, 'not 2: the reset itself gives no reason to climb one by one');
  const next = tick(threshold, { visible: 30, workers: 8, running: 1 }, memory, T0 + 20 * s);
  assert.equal(next.decision.changedElsewhere, undefined);
  assert.equal(next.decision.desired, 8);
});

test('a lower count that the rules find enough stays', () => {
  const before = tick(threshold, { visible: 0, inFlight: 8, workers: 8 }, memoryOf(), T0).memory;
  const { decision } = tick(threshold, { visible: 3, workers: 1 }, before, T0 + 10 * s);
  assert.deepEqual(decision.changedElsewhere, { from: 8, to: 1, at: T0 + 10 * s });
  assert.equal(decision.desired, 1);
});

test("the answer's own cooldown holds", () => {
  const policy = policyOf({ strategies: [{ type: 'threshold' }] });
  const { memory } = tick(policy, { visible: 30, workers: 4 }, memoryOf(), T0);
  const reset = tick(policy, { visible: 30, workers: 1 }, memory, T0 + 10 * s);
  const next = tick(policy, { visible: 90, workers: reset.decision.desired ?? 0 }, reset.memory, T0 + 20 * s);
  assert.equal(next.decision.desired, reset.decision.desired);
  assert.match(next.decision.summary, /cooldown/);
});

test('workers that somebody adds are taken away by the rules, without a cooldown', () => {
  const before = tick(backlog, { visible: 10, workers: 4 }, memoryOf(), T0).memory;
  const { decision } = tick(backlog, { visible: 10, workers: 12 }, before, T0 + 10 * s);
  assert.deepEqual(decision.changedElsewhere, { from: before.known?.count, to: 12, at: T0 + 10 * s });
  assert.doesNotMatch(decision.summary, /cooldown/);
});

test('ECS may show the former count for some seconds', () => {
  const soon = tick(backlog, { visible: 40, workers: 2 }, scaledTo8(), T0 + 2 * s);
  assert.equal(soon.decision.changedElsewhere, undefined);
  const late = tick(backlog, { visible: 40, workers: 2 }, scaledTo8(), T0 + 6 * s);
  assert.deepEqual(late.decision.changedElsewhere, { from: 8, to: 2, at: T0 + 6 * s });
});

test('a write that was performed although its reply was lost is our own', () => {
  const { memory } = tick(backlog, { visible: 40, workers: 2 }, memoryOf(), T0, 'failed');
  const { decision } = tick(backlog, { visible: 40, workers: 8, running: 2 }, memory, T0 + 10 * s);
  assert.equal(decision.changedElsewhere, undefined);
  const other = tick(backlog, { visible: 40, workers: 5, running: 2 }, memory, T0 + 10 * s);
  assert.deepEqual(other.decision.changedElsewhere, { from: 2, to: 5, at: T0 + 10 * s });
});

test('in observe and paused mode others own the count', () => {
  for (const mode of ['observe', 'paused'] as const) {
    const policy = policyOf({}, { mode });
    const first = tick(policy, { workers: 4 }, memoryOf(), T0).memory;
    const { decision, memory } = tick(policy, { workers: 9 }, first, T0 + 10 * s);
    assert.equal(decision.changedElsewhere, undefined, mode);
    assert.equal(memory.known?.count, 9);
  }
});

test('a look that failed is no change, and a policy that turns to another service has seen none', () => {
  const before = scaledTo8();
  assert.equal(tick(backlog, { failService: {} }, before, T0 + 10 * s).decision.changedElsewhere, undefined);
  const other = policyOf({}, { service: { cluster: 'demo', name: 'other' } });
  assert.equal(tick(other, { workers: 3 }, before, T0 + 10 * s).decision.changedElsewhere, undefined);
});

test('three changes in ten minutes are a contest, which ends ten minutes later', () => {
  let memory = scaledTo8();
  const contested = (now: number) =>
    statusOf({ generation: 1, memory, now }).conditions.find(({ type }) => type === 'Contested');
  for (const minute of [1, 2, 3]) {
    assert.equal(contested(T0 + minute * 60 * s), undefined, 'two are none');
    memory = tick(backlog, { visible: 40, workers: 1 }, memory, T0 + minute * 60 * s).memory;
  }
  assert.equal(contested(T0 + 181 * s)?.status, 'True');
  assert.match(contested(T0 + 181 * s)?.message ?? '', /3 times in 10 minutes.*ignore_changes/);
  assert.equal(contested(T0 + 900 * s), undefined, 'a condition that never stood in a status is left out');
});

test('targetWait learns no start-up time from workers that others start', () => {
  const policy = policyOf({ strategies: [{ type: 'targetWait', targetWait: '60s' }] });
  let memory = tick(policy, { visible: 1, inFlight: 2, workers: 2 }, memoryOf(), T0).memory;
  const { seen } = memory.estimate!.startUp;
  const count = memory.known!.count;
  memory = tick(policy, { visible: 1, inFlight: 2, workers: count + 4, running: count }, memory, T0 + 10 * s).memory;
  memory = tick(policy, { visible: 1, inFlight: 2, workers: count + 4 }, memory, T0 + 300 * s).memory;
  assert.equal(memory.estimate!.startUp.seen, seen);
});

test.run();
