/** The status document: conditions, transition times, what a restart resumes from, and its size. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { withChange } from '../../policies/conclude.ts';
import type { ConditionType } from '../../policies/conditions.ts';
import { decide } from '../../policies/decide.ts';
import { STANDARD_TIER_BYTES, sizeOf } from '../../policies/grammar/size.ts';
import { memoryFrom, parseStatus } from '../../policies/restore.ts';
import { type StatusDocument, statusOf } from '../../policies/status.ts';
import { type Look, look, memoryOf, policyOf, T0 } from '../support/policy.ts';

function status(given: Look, more: Partial<Parameters<typeof statusOf>[0]> = {}): StatusDocument {
  const { decision, memory } = decide(policyOf({}, {}, 6), look(given), memoryOf(), T0);
  return statusOf({ generation: 6, decision, memory: withChange(memory, decision), now: T0, ...more });
}

const condition = (s: StatusDocument, type: ConditionType) => s.conditions.find((c) => c.type === type)!;

test('all is well', () => {
  const s = status({ visible: 5 });
  assert.deepEqual(
    s.conditions.map((c) => [c.type, c.status]),
    [
      ['Ready', 'True'],
      ['PolicyValid', 'True'],
      ['Observed', 'True'],
      ['ScalingLimited', 'False'],
      ['WorkersStart', 'True'],
      ['ChaosActive', 'False'],
      ['Alerting', 'False'],
    ],
  );
  assert.equal(s.observedGeneration, 6);
  assert.deepEqual(s.workers, { desired: 2, running: 2, pending: 0 });
});

test('a refused edit says which version, where, why, and what stays in force', () => {
  const s = status(
    { visible: 5 },
    { refused: { version: 7, problem: 'jobs:12:5 spec.scaling.maxWorker: unknown field (did you mean maxWorkers?)' } },
  );
  const c = condition(s, 'PolicyValid');
  assert.equal(c.status, 'False');
  assert.match(c.message, /version 7 refused: jobs:12:5 .*did you mean maxWorkers\?\); version 6 stays in force/);
  assert.equal(condition(s, 'Ready').status, 'True', 'the version in force goes on working');
});

test('a read that fails is not ready, with what to do', () => {
  const s = status({
    failService: { class: 'needsUser', code: 'MISSING', message: 'service x: MISSING', hint: 'check spec.service' },
  });
  assert.deepEqual([condition(s, 'Ready').status, condition(s, 'Observed').reason], ['False', 'MISSING']);
  assert.match(condition(s, 'Observed').message, /check spec\.service/);
  assert.equal(s.workers, undefined);
});

test('a limited count says by whom', () => {
  const s = status({ visible: 0, inFlight: 2 });
  assert.equal(condition(s, 'ScalingLimited').reason, 'BusyFloor');
});

test('transition times move with the status and not with the wording', () => {
  const first = status({ visible: 5 });
  const later = status({ visible: 6 }, { previous: first, now: T0 + 60_000 });
  assert.equal(condition(later, 'Ready').lastTransitionTime, new Date(T0).toISOString());
  const broken = status({ failQueue: {} }, { previous: later, now: T0 + 90_000 });
  assert.equal(condition(broken, 'Ready').lastTransitionTime, new Date(T0 + 90_000).toISOString());
});

test('cooldowns survive through it', () => {
  const s = status({ visible: 50 });
  assert.deepEqual(memoryFrom(parseStatus(JSON.stringify(s))).lastScaleUp, { at: T0, from: 2, to: 3 });
});

test('damaged status text gives an empty memory, in which nothing is known of the past', () => {
  assert.deepEqual(memoryFrom(parseStatus(undefined)), memoryOf());
  for (const text of [
    '',
    'null',
    '{',
    '[]',
    '42',
    '{"lastScaleUp":{"at":"x"}}',
    '{"conditions":[],"lastScaleUp":{"at":7,"from":1,"to":2}}',
  ])
    assert.deepEqual(memoryFrom(parseStatus(text)), memoryOf({ snapshotAt: 0 }));
});

test('it fits a standard parameter with every message at its longest', () => {
  const s = status(
    { failQueue: { message: 'x'.repeat(2_000), hint: 'y'.repeat(2_000) } },
    { refused: { version: 999_999, problem: 'z'.repeat(3_000) } },
  );
  assert.ok(sizeOf(JSON.stringify(s)).bytes < STANDARD_TIER_BYTES - 1_000, 'with a kilobyte to spare for experiments');
});

test('it fits whatever the words are: letters of several bytes, control characters, quotes', () => {
  for (const letter of ['\u0000', '漢', '😀', '"', '\\', '\u001b']) {
    const long = letter.repeat(2_000);
    const s = status(
      { failQueue: { message: long, hint: long }, failService: { message: long } },
      { refused: { version: 999_999, problem: long }, failedActions: [long] },
    );
    assert.equal(sizeOf(JSON.stringify(s)).tier, 'Standard', JSON.stringify(letter));
    assert.ok(parseStatus(JSON.stringify(s)), 'and can be read back');
  }
});

test.run();
