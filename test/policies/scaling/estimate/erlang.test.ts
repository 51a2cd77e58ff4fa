import assert from 'node:assert/strict';
import { test } from 'uvu';
import { fewestWorkers, lateWith } from '../../../../policies/scaling/estimate/erlang.ts';

const few = (load: number, patience: number, service: number, miss: number, slots = 1): number =>
  fewestWorkers({ load, slots, service }, patience, [miss], 10_000)[0]!;

test('known sizes: arrivals a second, service time, patience', () => {
  // 10/s of 1 s, 1 s at 5 %; 50/s of 2 s, 5 s; 2/s of 30 s, 60 s: worked out by hand from the textbook formula.
  assert.equal(few(10, 1, 1, 0.05), 13);
  assert.equal(few(100, 5, 2, 0.05), 102);
  assert.equal(few(60, 60, 30, 0.05), 62);
});

test('one pass gives the same as the definition', () => {
  for (const load of [0.2, 1, 3.7, 25, 180])
    for (const slots of [1, 4])
      for (const miss of [0.9, 0.3, 0.01]) {
        const workers = few(load, 60, 20, miss, slots);
        const offered = { load, slots, service: 20 };
        assert.ok(lateWith(offered, workers, 60) <= miss, `${workers} workers suffice for ${load}`);
        assert.ok(workers === 1 || lateWith(offered, workers - 1, 60) > miss, `${workers - 1} do not for ${load}`);
      }
});

test('no load needs one worker, too much load gets the most there may be', () => {
  assert.equal(few(0, 60, 10, 0.1), 1);
  assert.deepEqual(fewestWorkers({ load: 500, slots: 1, service: 10 }, 60, [0.3, 0.9], 20), [20, 20]);
});

test('a very large fleet is sized too', () => {
  const [few, fewer] = fewestWorkers({ load: 40_000, slots: 10, service: 10 }, 60, [0.3, 0.9], 5_000);
  assert.ok(few! >= fewer! && fewer! >= 4_000, `${few} and ${fewer} workers of 10 slots for 40,000 busy slots`);
});

test.run();
