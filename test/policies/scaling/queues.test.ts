/** Several queues of one service: they add up, none that fails scales in, and their order does not matter. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { decide } from '../../../policies/decide.ts';
import { parsePolicy } from '../../../policies/document/parse.ts';
import type { WorkerPolicy } from '../../../policies/document/schema.ts';
import type { Observation, QueueCounts, QueueReading, Reading } from '../../../policies/model/observation.ts';
import { oldestAge, totalCounts, totalRates } from '../../../policies/scaling/queues.ts';
import { look, memoryOf, policyOf, T0 } from '../../support/policy.ts';

type Strategies = NonNullable<Parameters<typeof policyOf>[0]>['strategies'];

const FAILED: Reading<never> = {
  ok: false,
  at: T0,
  failure: { class: 'transient', code: 'ThrottlingException', message: 'slow down' },
};

interface Queue extends Partial<QueueCounts> {
  weight?: number;
  fails?: boolean;
  age?: number;
  at?: number;
}

const reading = (
  { visible = 0, inFlight = 0, delayed = 0, weight, fails, age, at = T0 }: Queue,
  i: number,
): QueueReading => ({
  name: `q${i}`,
  ...(weight === undefined ? {} : { weight }),
  counts: fails ? FAILED : { ok: true, at, value: { visible, inFlight, delayed } },
  ...(age === undefined ? {} : { age: { ok: true, at: T0, value: { seconds: age, estimated: false } } }),
});

function seen(workers: number, ...queues: Queue[]): Observation {
  const each = queues.map(reading);
  const age = oldestAge(each);
  return { ...look({ workers }), queue: totalCounts(each), queues: each, ...(age ? { age } : {}) };
}

const several = (strategies: Strategies, more: object = {}): WorkerPolicy =>
  policyOf({ minWorkers: 1, maxWorkers: 50, strategies, ...more });
const threshold = several([{ type: 'threshold' }]);
const backlog = several([{ type: 'backlogPerWorker', target: 5 }]);
const byAge = several([{ type: 'step', metric: 'oldestAge', bands: [{ from: 60, change: 4 }] }]);

interface Row {
  name: string;
  policy: WorkerPolicy;
  seen: Observation;
  desired: number;
  because: RegExp;
}

const rows: Row[] = [
  {
    name: 'counts add up',
    policy: threshold,
    seen: seen(2, { visible: 6 }, { visible: 5 }),
    desired: 3,
    because: /11 visible is above 10/,
  },
  {
    name: 'a heavy queue counts more',
    policy: backlog,
    seen: seen(2, { visible: 10, weight: 4 }, { visible: 10 }),
    desired: 10,
    because: /\(50 visible \+ 0 in flight\) \/ 5 each = 10 \(by weight\)/,
  },
  {
    name: 'a light queue counts less, rounded up',
    policy: backlog,
    seen: seen(2, { visible: 11, weight: 0.1 }),
    desired: 1,
    because: /\(2 visible/,
  },
  {
    name: 'the busy floor counts messages as they are',
    policy: backlog,
    seen: seen(8, { inFlight: 6, weight: 0.1 }, {}),
    desired: 6,
    because: /6 messages are in flight/,
  },
  {
    name: 'the oldest age counts',
    policy: byAge,
    seen: seen(2, { visible: 1, age: 10 }, { visible: 1, age: 70 }),
    desired: 6,
    because: /an oldest age of 70 s/,
  },
  {
    name: 'a queue that cannot be read never scales in',
    policy: threshold,
    seen: seen(9, {}, { fails: true }),
    desired: 9,
    because: /queue q1: slow down/,
  },
  {
    name: 'the queues that can be read still scale out',
    policy: backlog,
    seen: seen(2, { visible: 40 }, { fails: true }),
    desired: 8,
    because: /the other queues need them, though the queue could not be read \(ThrottlingException: queue q1/,
  },
  {
    name: 'they scale out no further than maxWorkers',
    policy: several([{ type: 'backlogPerWorker', target: 1 }], { maxWorkers: 7 }),
    seen: seen(2, { visible: 40 }, { fails: true }),
    desired: 7,
    because: /maxWorkers is 7/,
  },
  {
    name: 'a lowered maxWorkers waits while one cannot be read',
    policy: several([{ type: 'backlogPerWorker', target: 1 }], { maxWorkers: 7 }),
    seen: seen(9, { visible: 40 }, { fails: true }),
    desired: 9,
    because: /a failed reading never scales in/,
  },
  {
    name: 'a stale queue counts as one that cannot be read',
    policy: threshold,
    seen: seen(9, {}, { at: T0 - 100_000 }),
    desired: 9,
    because: /last read/,
  },
  {
    name: 'when none can be read the count stays',
    policy: backlog,
    seen: seen(3, { fails: true }, { fails: true }),
    desired: 3,
    because: /could not be read/,
  },
  {
    name: 'targetWait adds workers for what is certain, too',
    policy: several([{ type: 'targetWait', targetWait: '30s', serviceTime: '10s' }]),
    seen: seen(2, { visible: 60 }, { fails: true }),
    desired: 0,
    because: /could not be read/,
  },
];

for (const { name, policy, seen, desired, because } of rows)
  test(name, () => {
    const { decision, memory } = decide(policy, seen, memoryOf(), T0);
    if (desired === 0) assert.ok(decision.desired! > 2 && memory.estimate === undefined, decision.summary);
    else assert.equal(decision.desired, desired, decision.summary);
    assert.match(`${decision.summary} ${decision.guards.map((g) => g.because).join(' | ')}`, because);
  });

test('rates add up; the sum fails with the name of the queue that failed', () => {
  const rates = (sent: number): Reading<{ sent: number; received: number; deleted: number; until: number }> => ({
    ok: true,
    at: T0,
    value: { sent, received: sent, deleted: 0, until: T0 - sent },
  });
  const each = [1, 2].map((sent, i) => ({ ...reading({}, i), rates: rates(sent) }));
  assert.deepEqual(totalRates(each), {
    ok: true,
    at: T0,
    value: { sent: 3, received: 3, deleted: 0, until: T0 - 2 },
  });
  const total = totalCounts([reading({ visible: 1 }, 0), reading({ fails: true }, 1)]);
  assert.ok(!total.ok && total.failure.message.startsWith('queue q1: '));
});

const counts = fc.record({ visible: fc.nat(80), inFlight: fc.nat(20), delayed: fc.nat(9) });
const policies = fc.constantFrom(threshold, backlog, several([{ type: 'step', bands: [{ from: 20, change: 2 }] }]));
const runs = { numRuns: 1_000, seed: 3 };

test('several queues of which one has messages are decided as that one queue', () => {
  fc.assert(
    fc.property(policies, counts, fc.nat(20), fc.integer({ min: 0, max: 4 }), (policy, one, workers, empty) => {
      const alone = decide(policy, look({ ...one, workers }), memoryOf(), T0).decision;
      const among = decide(policy, seen(workers, ...Array<Queue>(empty).fill({}), one), memoryOf(), T0).decision;
      assert.deepEqual(
        [among.desired, among.outcome, among.proposals, among.guards],
        [alone.desired, alone.outcome, alone.proposals, alone.guards],
      );
    }),
    runs,
  );
});

const queue = fc.record({
  visible: fc.nat(80),
  inFlight: fc.nat(20),
  fails: fc.boolean(),
  weight: fc.constantFrom(1, 2, 0.5),
});

test('the order of queues does not matter, and none that fails scales in', () => {
  fc.assert(
    fc.property(policies, fc.array(queue, { minLength: 1, maxLength: 6 }), fc.nat(40), (policy, queues, workers) => {
      const there = decide(policy, seen(workers, ...queues), memoryOf(), T0).decision;
      const back = decide(policy, seen(workers, ...queues.toReversed()), memoryOf(), T0).decision;
      assert.deepEqual([there.desired, there.outcome], [back.desired, back.outcome]);
      if (queues.some((q) => q.fails)) assert.ok(there.desired! >= workers);
    }),
    runs,
  );
});

const document = (queues: string, more = '') => `apiVersion: sluice/v1
kind: WorkerPolicy
metadata: { name: jobs }
spec:
  ${queues}
  service: { name: jobs }
  scaling: { minWorkers: 0, maxWorkers: 9 }
${more}`;

test('a policy names a queue or queues, each once', () => {
  const problems = (text: string): string[] => {
    const parsed = parsePolicy(text);
    return parsed.ok ? [] : parsed.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);
  };
  assert.deepEqual(problems(document('queues: [{ name: high }, { name: low, weight: 0.2 }]')), []);
  assert.deepEqual(problems(document('queue: { name: high }\n  queues: [{ name: low }]')), [
    '5 spec.queue: stands beside queues; give one of them',
  ]);
  assert.deepEqual(problems(document('interval: 10s')), ['5 spec.queue: is missing; give queue or queues']);
  assert.deepEqual(problems(document('queues: [{ name: a }, { arn: "arn:aws:sqs:us-east-1:000000000000:a" }]')), [
    '5 spec.queues[1]: a second queue named a',
  ]);
  assert.deepEqual(problems(document('queues: []')).length, 1);
  const cut = '  chaos: { experiments: [{ name: cut, fault: { type: partition, duration: 2m } }] }\n';
  assert.match(problems(document('queues: [{ name: a }, { name: b }]', cut))[0] ?? '', /^8 .*cuts off one queue only/);
  assert.deepEqual(problems(document('queues: [{ name: a }]', cut)), []);
});

test.run();
