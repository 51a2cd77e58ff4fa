/** `countDelayed`: delayed messages count for a backlog rule only when the policy says so. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { decide } from '../../../policies/decide.ts';
import { parsePolicy } from '../../../policies/document/parse.ts';
import { emptyMemory } from '../../../policies/memory.ts';
import { look, policyOf, T0 } from '../../support/policy.ts';

type Strategies = NonNullable<Parameters<typeof policyOf>[0]>['strategies'];

const bands = [
  { from: 0, to: 10, change: -1 },
  { from: 20, change: 2 },
];
const rows: {
  rule: NonNullable<Strategies>[number];
  visible: number;
  delayed: number;
  workers: number;
  without: number;
  counted: number;
  words: RegExp;
}[] = [
  {
    rule: { type: 'threshold' },
    visible: 4,
    delayed: 10,
    workers: 2,
    without: 2,
    counted: 3,
    words: /4 visible \+ 10 delayed is above 10/,
  },
  {
    rule: { type: 'threshold' },
    visible: 0,
    delayed: 6,
    workers: 0,
    without: 0,
    counted: 2,
    words: /0 visible \+ 6 delayed and no worker/,
  },
  {
    rule: { type: 'threshold' },
    visible: 0,
    delayed: 1,
    workers: 1,
    without: 0,
    counted: 1,
    words: /1 worker stays for 0 visible \+ 1 delayed/,
  },
  {
    rule: { type: 'backlogPerWorker', target: 5 },
    visible: 5,
    delayed: 20,
    workers: 2,
    without: 1,
    counted: 5,
    words: /\(5 visible \+ 0 in flight \+ 20 delayed\) \/ 5/,
  },
  {
    rule: { type: 'step', bands },
    visible: 5,
    delayed: 15,
    workers: 2,
    without: 1,
    counted: 4,
    words: /5 visible \+ 15 delayed is in band 20/,
  },
  {
    rule: { type: 'step', metric: 'backlog', bands },
    visible: 0,
    delayed: 1,
    workers: 0,
    without: 0,
    counted: 1,
    words: /0 visible \+ 1 delayed and no worker/,
  },
];

for (const { rule, visible, delayed, workers, without, counted, words } of rows)
  test(`${rule.type}: ${visible} visible and ${delayed} delayed for ${workers} workers`, () => {
    const seen = look({ visible, delayed, workers });
    const decided = (strategy: object) =>
      decide(policyOf({ minWorkers: 0, strategies: [strategy as typeof rule] }), seen, emptyMemory(), T0).decision;
    assert.equal(decided(rule).desired, without);
    const { desired, summary } = decided({ ...rule, countDelayed: true });
    assert.equal(desired, counted, summary);
    assert.match(summary, words);
  });

test('an age counts no messages, so a policy that asks for it is refused at that line', () => {
  const text = `apiVersion: sluice/v1
kind: WorkerPolicy
metadata: { name: jobs }
spec:
  queue: { name: jobs }
  service: { name: jobs }
  scaling:
    minWorkers: 0
    maxWorkers: 9
    strategies:
      - type: step
        metric: oldestAge
        bands: [{ from: 60, change: 1 }]
        countDelayed: true
`;
  const parsed = parsePolicy(text);
  assert.ok(!parsed.ok);
  assert.deepEqual(
    parsed.problems.map(({ line, path }) => [line, path]),
    [[14, 'spec.scaling.strategies[0].countDelayed']],
  );
});

test.run();
