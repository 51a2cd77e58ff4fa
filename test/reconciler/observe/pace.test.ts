/** How often a queue's metrics are read: as rarely as the policy's own rules allow. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { paceOf, seenQueue } from '../../../reconciler/observe/pace.ts';
import { policyOf } from '../../support/policy.ts';

const MINUTE = 60_000;
const counts = { visible: 3, inFlight: 1, delayed: 0 };
const NOW = 10 * 60 * MINUTE;
/** Busy since the first minute. */
const busy = { counts, busySince: 0 };
const empty = { counts: { visible: 0, inFlight: 0, delayed: 7 }, busySince: 0 };
const spec = (more: object = {}) => policyOf({}, more as never).spec;
const plain = spec();
const withAlert = spec({ alerts: [{ name: 'old', metric: 'oldestAge', above: '5m' }] });
const withExperiments = spec({ chaos: { enabled: true } });

test('nobody looks at the age: age and rates are read together, once in six minutes', () => {
  assert.deepEqual(paceOf(plain, {}, busy, MINUTE, NOW), { age: 6 * MINUTE, rates: 6 * MINUTE, ratePeriods: 4 });
});

for (const [who, looking] of [
  ['an alert', withAlert],
  ['experiments', withExperiments],
] as const)
  test(`${who} on the age: it is read each minute while something waits or is in flight`, () => {
    assert.equal(paceOf(looking, {}, busy, MINUTE, NOW).age, MINUTE);
    assert.equal(paceOf(looking, {}, { counts: { ...counts, visible: 0 }, busySince: 0 }, MINUTE, NOW).age, MINUTE);
    assert.equal(paceOf(looking, {}, empty, MINUTE, NOW).age, undefined);
  });

test('before the first counts the queue may be full', () => {
  assert.equal(paceOf(withAlert, {}, undefined, MINUTE, NOW).age, MINUTE);
});

test('while an experiment needs readings, rates tell of the last minute alone', () => {
  const { rates, ratePeriods } = paceOf(withExperiments, { access: true }, busy, MINUTE, NOW);
  assert.deepEqual([rates, ratePeriods], [MINUTE, 1]);
});

test('half an hour from the first message on rates are read each minute: service times are learned from them', () => {
  const first = seenQueue(undefined, counts, NOW);
  assert.equal(first.busySince, NOW);
  assert.equal(paceOf(plain, {}, first, MINUTE, NOW + 29 * MINUTE).rates, MINUTE);
  assert.equal(paceOf(plain, {}, first, MINUTE, NOW + 31 * MINUTE).rates, 6 * MINUTE);
  const idle = seenQueue(undefined, empty.counts, NOW);
  assert.equal(idle.busySince, undefined);
  assert.equal(seenQueue(first, empty.counts, NOW + MINUTE).busySince, NOW);
});

test.run();
