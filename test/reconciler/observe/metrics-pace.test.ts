/** Each part of the metrics is read as often as its user needs it; what is not read costs nothing. */
import assert from 'node:assert/strict';
import { suite } from 'uvu';
import type { PolicyInput } from '../../../policies/document/schema.ts';
import { ageAndRates } from '../../../reconciler/observe/age-and-rates.ts';
import { type Circumstances, metricsPace } from '../../../reconciler/observe/metrics-pace.ts';
import { policyOf } from '../../support/policy.ts';

const test = suite("the metrics' pace");
const TARGET_WAIT = { strategies: [{ type: 'targetWait', targetWait: '60s' }], minWorkers: 1, maxWorkers: 20 } as const;
const OLD = { name: 'old', metric: 'oldestAge', above: '5m' } as const;
const BUSY: Circumstances = {
  counts: { visible: 3, inFlight: 2, delayed: 0 },
  experiment: false,
  young: false,
  age: undefined,
};

const paceOf = (now: Partial<Circumstances>, rest: Partial<PolicyInput['spec']> = {}, scaling: object = TARGET_WAIT) =>
  metricsPace(policyOf(scaling, rest).spec, { ...BUSY, ...now });

test('a busy queue: age and deletions each two minutes, the rest of the rates each ten', () => {
  assert.deepEqual(paceOf({}), { age: 2, rates: 10, deleted: 2 });
});

test('everything each minute in the first half hour, and while an experiment runs', () => {
  for (const now of [{ young: true }, { experiment: true }])
    assert.deepEqual(paceOf(now), { age: 1, rates: 1, deleted: 1 });
});

test('an empty queue has no age to read; one whose counts are not known may have', () => {
  assert.equal(paceOf({ counts: { visible: 0, inFlight: 0, delayed: 4 } }).age, undefined);
  assert.equal(paceOf({ counts: { visible: 0, inFlight: 1, delayed: 0 } }).age, 2);
  assert.equal(paceOf({ counts: undefined }).age, 2);
});

test('the age is read each minute from the limit of an alert on, and whenever a strategy scales by it', () => {
  const alerts = [OLD, { name: 'older', metric: 'oldestAge', above: '1h' } as const];
  assert.equal(paceOf({ age: 299 }, { alerts }).age, 2);
  assert.equal(paceOf({ age: 300 }, { alerts }).age, 1);
  assert.equal(paceOf({ age: 10_000 }).age, 2);
  const byAge = { strategies: [{ type: 'step', metric: 'oldestAge', bands: [{ from: 60, change: 1 }] }] };
  assert.equal(paceOf({ age: 0 }, {}, { ...byAge, minWorkers: 1, maxWorkers: 4 }).age, 1);
});

test('deletions are read for those who learn from them', () => {
  const byDepth = {
    strategies: [{ type: 'threshold', scaleUpThreshold: 10, scaleDownThreshold: 1 }],
    minWorkers: 1,
    maxWorkers: 4,
  };
  assert.equal(paceOf({}, {}, byDepth).deleted, undefined);
});

test('groups are read each minute, only of FIFO queues, and only while messages wait', () => {
  const queue = { name: 'jobs.fifo' };
  assert.deepEqual(paceOf({}, { queue }), { age: 2, rates: 10, deleted: 2, groups: 1 });
  for (const counts of [undefined, { visible: 0, inFlight: 2, delayed: 3 }])
    assert.equal(paceOf({ counts }, { queue }).groups, undefined);
  const counts = { visible: 0, inFlight: 2, delayed: 0 };
  assert.equal(paceOf({ counts }, { queues: [{ name: 'a.fifo' }, { name: 'b.fifo' }] }).groups, 1);
  assert.equal(paceOf({}, { queues: [{ name: 'a.fifo' }, { name: 'b' }] }).groups, undefined);
});

const MINUTE = 60_000;
const T = 28_000_000 * MINUTE;
const point = (minutes: number, value: number) => ({ at: T + minutes * MINUTE, value });

test('deletions that were read after the rates stand beside them, each minute with its own end', () => {
  const rates = {
    at: T + 3 * MINUTE,
    points: { sent: [point(1, 60)], received: [point(1, 120)], deleted: [point(1, 6)] },
  };
  const deleted = { at: T + 5 * MINUTE, points: { deleted: [point(3, 30), point(2, 12), point(1, 6)] } };
  const reading = { ok: true, at: T + 5 * MINUTE, value: { rates, deleted } } as const;
  assert.deepEqual(ageAndRates(reading, undefined, T + 5.5 * MINUTE, MINUTE).rates, {
    ok: true,
    at: T + 3 * MINUTE,
    value: {
      sent: 1,
      received: 2,
      deleted: 0.1,
      until: T + 2 * MINUTE,
      period: 60,
      later: [
        { until: T + 3 * MINUTE, deleted: 0.2 },
        { until: T + 4 * MINUTE, deleted: 0.5 },
      ],
    },
  });
});

test('an age says when it was read, and is carried by the clock from the end of its own minute', () => {
  const value = { age: { at: T + 2 * MINUTE, points: { age: [point(0, 40)] } } };
  const { age } = ageAndRates({ ok: true, at: T + 4 * MINUTE, value }, undefined, T + 4 * MINUTE, MINUTE);
  assert.deepEqual(age, { ok: true, at: T + 2 * MINUTE, value: { seconds: 220, estimated: true } });
});

test.run();
