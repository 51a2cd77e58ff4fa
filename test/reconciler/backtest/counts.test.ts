import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import type { MinutePoint } from '../../../reconciler/backtest/cloudwatch.ts';
import { Counts, type CountsOptions } from '../../../reconciler/backtest/counts.ts';
import { Timeline } from '../../../reconciler/backtest/timeline.ts';

const EXACT: CountsOptions = {
  countDelay: 0,
  countNoise: 0,
  countShards: 1,
  countMisses: 0,
  countGhosts: 0,
  seed: 1,
};

/** A queue whose visible count is the second, and three times it in flight, up to `now`. */
function growing(now: number) {
  const timeline = new Timeline();
  for (let second = 0; second < now; second++)
    timeline.pass(second, second + 1, { visible: second + 1, inFlight: 3 * (second + 1) });
  return { timeline, visible: now, inFlight: 3 * now };
}

/** A queue that never held anything. */
const empty = () => ({ timeline: new Timeline(), visible: 0, inFlight: 0 });

test('without flaws the counts are exact', () => {
  assert.deepEqual(new Counts(growing(500), EXACT).at(500), { visible: 500, inFlight: 1_500 });
});

test('a delay shows the counts of that many seconds ago, whenever one looks', () => {
  for (const countDelay of [1, 5, 15, 60])
    assert.deepEqual(new Counts(growing(500), { ...EXACT, countDelay }).at(500), {
      visible: 500 - countDelay,
      inFlight: 3 * (500 - countDelay),
    });
  assert.deepEqual(new Counts(growing(3), { ...EXACT, countDelay: 5 }).at(3), { visible: 0, inFlight: 0 });
});

test('a count that stood still for long is seen at each age', () => {
  const timeline = new Timeline();
  timeline.pass(0, 1_000.5, { visible: 7, inFlight: 2 });
  for (let second = 873; second <= 1_000; second++) assert.deepEqual(timeline.at(second), { visible: 7, inFlight: 2 });
});

test('shards: every count is between the newest and the oldest that a shard may have', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 2, max: 20 }),
      (seed, countDelay, countShards) => {
        const { visible } = new Counts(growing(1_000), { ...EXACT, seed, countDelay, countShards }).at(1_000);
        assert.ok(visible >= 1_000 - 2 * countDelay - 1 && visible <= 1_000, `${visible}`);
      },
    ),
  );
});

test('misses: the count is only ever too low, by the share that was missed', () => {
  const looks = Array.from({ length: 400 }, (_, seed) =>
    new Counts(growing(1_000), { ...EXACT, seed, countShards: 10, countMisses: 0.1 }).at(1_000),
  );
  assert.ok(looks.every(({ visible }) => visible <= 1_000 && visible % 100 === 0));
  const mean = looks.reduce((sum, { visible }) => sum + visible, 0) / looks.length;
  assert.ok(mean > 870 && mean < 930, `${mean}`);
});

test('ghosts: an empty queue reads 1 or 2 in about the share of minutes asked for, for a minute each', () => {
  const counts = new Counts(empty(), { ...EXACT, countGhosts: 0.05 });
  let ghosts = 0;
  for (let minute = 0; minute < 2_000; minute++) {
    const { visible } = counts.at(60 * minute);
    assert.equal(counts.at(60 * minute + 59).visible, visible);
    assert.ok([0, 1, 2].includes(visible));
    if (visible > 0) ghosts++;
  }
  assert.ok(ghosts > 60 && ghosts < 140, `${ghosts}`);
});

test('noise stays within its bound, never below zero', () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, countNoise) => {
      const { visible } = new Counts(growing(1_000), { ...EXACT, seed, countNoise }).at(1_000);
      assert.ok(Math.abs(visible - 1_000) <= 1_000 * countNoise + 1 && visible >= 0);
    }),
  );
});

test('CloudWatch keeps what it was told: a point reads the same each time', () => {
  const point: MinutePoint = {
    end: 120,
    visible: 100,
    highest: 140,
    running: 3,
    sent: 1,
    received: 1,
    deleted: 1,
    oldestAge: 9,
  };
  assert.deepEqual(new Counts(empty(), EXACT).minutes([point]), [point]);
  const counts = new Counts(empty(), { ...EXACT, countNoise: 0.1 });
  const [first] = counts.minutes([point]);
  assert.deepEqual(counts.minutes([point]), [first]);
  assert.ok(first!.visible !== 100 && first!.visible >= 90 && first!.visible <= 110);
  assert.deepEqual([first!.sent, first!.deleted, first!.running], [1, 1, 3]);
});

test.run();
