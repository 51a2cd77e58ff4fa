import assert from 'node:assert/strict';
import { test } from 'uvu';
import { runOptions } from '../../../reconciler/backtest/backtest.ts';
import { generate } from '../../../reconciler/backtest/generate.ts';
import { costOf, leastHours } from '../../../reconciler/backtest/least.ts';
import { runPeer } from '../../../reconciler/backtest/run.ts';
import { parseSampler } from '../../../reconciler/backtest/service-time.ts';
import { tautString } from '../../../reconciler/backtest/taut-string.ts';
import { plant } from '../../bench/loads.ts';

/** Arrivals of each step, steps until they are due, steps of a start, workers that always run, and the optimum of the linear program. */
const SOLVED: [arrivals: number[], due: number, startUp: number, min: number, optimum: number][] = [
  [[9, 9, 9, 2, 0, 1, 0, 9, 0, 0, 0, 0, 1, 0], 3, 2, 1, 49],
  [[2, 0, 0, 9, 0, 1, 0, 0, 1, 0, 0, 0, 2, 2], 2, 4, 0, 25],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 9, 9, 0, 0], 2, 0, 0, 20],
  [[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 2, 0, 2], 3, 0, 1, 14],
  [[0, 0, 0, 0, 1, 9, 0, 0, 1, 1, 9, 0, 0, 0], 3, 4, 1, 30.25],
  [[1, 0, 2, 1, 0, 1, 2, 0, 1, 0, 9, 0, 2, 0], 1, 4, 1, 35],
];

const cumulated = (steps: readonly number[]): Float64Array => {
  let sum = 0;
  return Float64Array.from(steps, (step) => {
    sum += step;
    return sum;
  });
};

test('the cost is the optimum that a solver of linear programs (HiGHS) finds', () => {
  for (const [arrivals, due, startUp, min, optimum] of SOLVED) {
    const late = [...Array(due).fill(0), ...arrivals].slice(0, arrivals.length);
    const needed = tautString(cumulated(late), cumulated(arrivals)).map((work) => Math.max(min, work));
    assert.ok(Math.abs(costOf(needed, min, startUp) - optimum) < 1e-6, `${arrivals}`);
  }
});

test('the line stays between the curves and ends at the lower one', () => {
  for (const [arrivals, due] of SOLVED) {
    const upper = cumulated(arrivals);
    const lower = cumulated([...Array(due).fill(0), ...arrivals].slice(0, arrivals.length));
    let value = 0;
    tautString(lower, upper).forEach((slope, i) => {
      value += slope;
      assert.ok(value >= lower[i]! - 1e-9 && value <= upper[i]! + 1e-9, `step ${i} of ${arrivals}`);
    });
    assert.ok(Math.abs(value - lower.at(-1)!) < 1e-9);
  }
});

test('without any message the workers that always run are the cost', () => {
  const load = { ...runOptions(plant({ trace: { name: 'nothing', step: 60, counts: [0, 0] } })).load, duration: 3_600 };
  assert.equal(leastHours({ load, target: 60, concurrency: 1, min: 2, workers: 2, startUp: 45 }), 2);
  assert.equal(leastHours({ load, target: 60, concurrency: 1, min: 0, workers: 0, startUp: 45 }), 0);
});

test('no fleet that keeps every message in time costs less', () => {
  for (const spec of ['steady:1/s', 'bursts:0.5/s+50@20m', 'daily:0.2-2/s']) {
    const setup = plant({
      trace: generate(spec, 7_200, 3),
      load: undefined,
      duration: 7_200,
      workers: 60,
      serviceTime: parseSampler('10s'),
    });
    const options = runOptions(setup);
    // A large fleet that somebody who knows the load takes away at the end of it.
    const still = { name: 'still', settings: '', loops: [{ every: 60, look: () => undefined }] };
    const { withinTarget, workerHours } = runPeer(still, options);
    assert.equal(withinTarget, 1, spec);
    const least = leastHours({ load: options.load, target: 60, concurrency: 1, min: 1, workers: 1, startUp: 45 });
    assert.ok(least > 0 && least <= workerHours, `${spec}: ${least} of ${workerHours}`);
  }
});

test.run();
