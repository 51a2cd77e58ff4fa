/** Tests what follows from the objective, and what is said when it cannot be met. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { conditionsOf } from '../../../../policies/conditions.ts';
import { decide } from '../../../../policies/decide.ts';
import { parsePolicy } from '../../../../policies/document/parse.ts';
import { emptyMemory } from '../../../../policies/memory.ts';
import type { Attainable } from '../../../../policies/model/attainable.ts';
import type { Estimate } from '../../../../policies/model/estimate.ts';
import { attainable, attainableWords } from '../../../../policies/scaling/estimate/attainable.ts';
import { noBursts } from '../../../../policies/scaling/estimate/bursts.ts';
import { learn } from '../../../../policies/scaling/estimate/learn.ts';
import { marginsOf } from '../../../../policies/scaling/estimate/objective.ts';
import { look, policyOf, T0 } from '../../../support/policy.ts';

const near = (a: number, b: number, by: number): void => assert.ok(Math.abs(a - b) <= by, `${a}, expected ${b}`);

test('three nines leave the margins that the rule was measured with', () => {
  const { interrupted, bursts, reserve } = marginsOf(0.999);
  near(interrupted, 0.0003, 1e-9);
  near(bursts, 0.0002, 1e-9);
  near(reserve, 2.75, 0.005);
});

test('more nines need more reserve, fewer less, and none is negative', () => {
  const reserves = [0.9, 0.95, 0.99, 0.995, 0.999, 0.9999].map((objective) => marginsOf(objective).reserve);
  for (let i = 1; i < reserves.length; i++) assert.ok(reserves[i]! > reserves[i - 1]!, reserves.join(', '));
  assert.ok(reserves[0]! >= 0);
});

/** An estimate of a queue whose bursts exceed the expectation by some sixteen times its deviation, in a tenth of all messages. */
function bursty(startUp: number): Estimate {
  const hints = { serviceTime: 10, startUp, concurrency: 1 };
  let estimate: Estimate | undefined;
  for (let i = 0; i < 3; i++) {
    const at = T0 + i * 10_000;
    estimate = learn(estimate, look({ at, workers: 2, running: 2, inFlight: 2 }), 60, hints, at);
  }
  const excess = noBursts().excess.map((_, bin) => (bin === 8 ? 100 : 0));
  return { ...estimate!, bursts: { arrived: 1_000, excess } };
}

const plan = (ready: number) => ({
  objective: 0.999,
  target: 60,
  interval: 10,
  margins: marginsOf(0.999),
  slots: 1,
  service: 10,
  load: 2,
  ready,
});

test('starts that are fast enough leave nothing to say', () => {
  assert.equal(attainable(bursty(40), plan(1)), undefined);
  assert.equal(attainable({ ...bursty(120), bursts: noBursts() }, plan(1)), undefined);
});

test('slow starts: the share to expect, the start-up that would do, and the workers that would', () => {
  const found = attainable(bursty(120), plan(1));
  assert.ok(found);
  assert.ok(found.share < 0.999 && found.share > 0.8, `${found.share}`);
  assert.equal(found.startUp, 120);
  // 60 s, less a look, the age of the counts and the first receive.
  assert.equal(found.startUpNeeded, 43);
  assert.ok(found.workers > 2, `${found.workers} workers`);
  assert.equal(attainable(bursty(120), plan(found.workers)), undefined, 'that many workers meet it');
  assert.ok(attainable(bursty(120), plan(found.workers - 2)), 'and fewer do not');
});

const missed: Attainable = {
  objective: 0.999,
  share: 0.982,
  target: 60,
  startUp: 120,
  startUpNeeded: 45,
  workers: 14,
  workersForLoad: 4,
};

test('the sentence names all of it', () => {
  assert.equal(
    attainableWords(missed),
    '99.9 % within 60 s needs workers that start in 45 s; they take 120 s: expect 98.2 %, or keep 14 workers (240 worker-hours a day more than the load needs)',
  );
  assert.match(
    attainableWords({ ...missed, startUpNeeded: 0 }),
    /^99.9 % within 60 s cannot be met by starting workers/,
  );
});

test('the decision record has the numbers, the reason has the sentence, the status has a condition', () => {
  const policy = policyOf({ strategies: [{ type: 'targetWait', serviceTime: '10s', startUp: '120s' }], maxWorkers: 2 });
  const at = T0 + 30_000;
  const memory = { ...emptyMemory(), estimate: bursty(120) };
  const { decision } = decide(policy, look({ at, workers: 2, running: 2, inFlight: 2 }), memory, at);
  assert.ok(decision.attainable);
  assert.ok(
    decision.proposals[0]?.because.includes(attainableWords(decision.attainable)),
    decision.proposals[0]?.because,
  );
  const input = { generation: 1, memory, now: at };
  const named = (d: typeof decision | undefined) =>
    conditionsOf({ ...input, decision: d }).find(({ type }) => type === 'ObjectiveMissed');
  assert.deepEqual([named(decision)?.status, named(decision)?.reason], ['True', 'StartsTooSlow']);
  assert.equal(named(undefined), undefined, 'and no condition as long as it never held');
});

const document = (objective: string): string => `apiVersion: sluice/v1
kind: WorkerPolicy
metadata: { name: jobs }
spec:
  queue: { name: jobs }
  service: { cluster: demo, name: jobs }
  scaling:
    minWorkers: 1
    maxWorkers: 10
    strategies: [{ type: targetWait, objective: ${objective} }]
`;

for (const [text, share] of [
  ['99', 0.99],
  ['99.95', 0.9995],
  ['"99.5%"', 0.995],
  ['99.5 %', 0.995],
] as const)
  test(`objective: ${text} is understood`, () => {
    const parsed = parsePolicy(document(text));
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const [strategy] = parsed.policy.spec.scaling.strategies;
    assert.ok(strategy?.type === 'targetWait');
    near(strategy.objective, share, 1e-12);
  });

for (const text of ['0.999', '100', '80', '"high"', '-1', '99.999'])
  test(`objective: ${text} is refused, with the range`, () => {
    const parsed = parsePolicy(document(text));
    assert.ok(!parsed.ok);
    assert.match(JSON.stringify(parsed), /percentage from 90 to 99.99/);
  });

test.run();
