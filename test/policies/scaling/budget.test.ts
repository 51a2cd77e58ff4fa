/** A budget: counted by the clock, warned of, and kept; but never below minWorkers. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { decide } from '../../../policies/decide.ts';
import { parsePolicy } from '../../../policies/document/parse.ts';
import type { Memory } from '../../../policies/model/memory.ts';
import { memoryFrom, parseStatus } from '../../../policies/restore.ts';
import { dayOf } from '../../../policies/scaling/budget.ts';
import { statusOf } from '../../../policies/status.ts';
import { type Look, look, memoryOf, policyOf } from '../../support/policy.ts';

const HOUR = 3_600_000;
const MIDNIGHT = Date.UTC(2026, 10, 25);
const at = (hours: number): number => MIDNIGHT + hours * HOUR;

/** 40 USD a day at 0.05 USD an hour are 800 worker-hours. */
const budgeted = (more: object = {}, scaling: Parameters<typeof policyOf>[0] = {}) =>
  policyOf({
    minWorkers: 2,
    maxWorkers: 100,
    strategies: [{ type: 'backlogPerWorker', target: 1 }],
    ...scaling,
    budget: { perDay: 40, pricePerWorkerHour: 0.05, ...more },
  });

const spentBy = (hours: number, spent: number, workers = 10) => memoryOf({ spend: { spent, at: at(hours), workers } });

const decided = (policy: ReturnType<typeof budgeted>, seen: Look, memory: Memory, now: number) =>
  decide(policy, look({ ...seen, at: now }), memory, now);

interface Row {
  name: string;
  policy?: ReturnType<typeof budgeted>;
  world?: Look;
  memory: Memory;
  hour: number;
  desired: number;
  state: string;
  spent: number;
  because: RegExp;
}

const BURST = { visible: 500, workers: 10 };
const rows: Row[] = [
  {
    name: 'the first look starts to count',
    memory: memoryOf(),
    hour: 8,
    desired: 100,
    state: 'within',
    spent: 0,
    because: /maxWorkers is 100/,
  },
  {
    name: 'ten workers for an hour cost 0.50',
    memory: spentBy(8, 3),
    hour: 9,
    desired: 100,
    state: 'within',
    spent: 3.5,
    because: /maxWorkers is 100/,
  },
  {
    name: 'less than two hours of all workers: a warning, no limit',
    memory: spentBy(12, 30),
    hour: 12,
    desired: 100,
    state: 'near',
    spent: 30,
    because: /30\.00 USD of 40\.00 USD are spent today/,
  },
  {
    // 40 - 36 - 2 workers * 12 h * 0.05 = 2.80 left, which pays for 56 workers during an hour.
    name: 'less than an hour of all workers: as many as the rest pays for',
    memory: spentBy(12, 36),
    hour: 12,
    desired: 58,
    state: 'limited',
    spent: 36,
    because: /36\.00 USD of 40\.00 USD are spent today; the rest pays for 58 workers/,
  },
  {
    name: 'nothing left: minWorkers, whatever it costs',
    memory: spentBy(12, 41),
    hour: 12,
    desired: 2,
    state: 'limited',
    spent: 41,
    because: /the rest pays for minWorkers alone/,
  },
  {
    name: 'a failed reading never scales in, not even for money',
    world: { workers: 10, failQueue: {} },
    memory: spentBy(12, 41),
    hour: 12,
    desired: 10,
    state: 'limited',
    spent: 41,
    because: /a failed reading never scales in/,
  },
  {
    name: 'the floor of a schedule gives way',
    policy: budgeted({}, { schedules: [{ cron: '0 0 * * *', duration: '1d', minWorkers: 50 }] }),
    world: { workers: 10, visible: 0 },
    memory: spentBy(12, 41),
    hour: 12,
    desired: 2,
    state: 'limited',
    spent: 41,
    because: /budget/,
  },
  {
    name: 'at midnight a new day begins, and only its own part is charged',
    memory: spentBy(23, 39.9),
    hour: 24.5,
    desired: 100,
    state: 'within',
    spent: 0.25,
    because: /0\.25 USD of 40\.00 USD/,
  },
  {
    name: 'midnight is that of the time zone',
    policy: budgeted({ timezone: 'America/New_York' }),
    memory: spentBy(4, 41),
    hour: 4.5,
    desired: 2,
    state: 'limited',
    spent: 41.25,
    because: /41\.25 USD/,
  },
  {
    name: 'a clock that was set back charges nothing twice',
    memory: spentBy(12, 5),
    hour: 11,
    desired: 100,
    state: 'within',
    spent: 5,
    because: /5\.00 USD/,
  },
  {
    name: 'a look of a day to come is damage',
    memory: spentBy(50, 30),
    hour: 12,
    desired: 100,
    state: 'within',
    spent: 0,
    because: /0\.00 USD/,
  },
];

for (const { name, policy = budgeted(), world = BURST, memory, hour, desired, state, spent, because } of rows)
  test(name, () => {
    const { decision } = decided(policy, world, memory, at(hour));
    assert.equal(decision.desired, desired, decision.summary);
    assert.equal(decision.budget?.state, state);
    assert.equal(decision.budget?.spent, spent);
    assert.match(decision.guards.map((g) => g.because).join(' | '), because);
  });

test('without a budget there is no step, no amount, and no condition', () => {
  const { decision, memory } = decide(policyOf(), look(), spentBy(1, 2), at(2));
  assert.equal(decision.budget, undefined);
  assert.equal(memory.spend, undefined);
  assert.ok(!decision.guards.some(({ guard }) => guard === 'budget'));
  assert.ok(
    !statusOf({ generation: 1, decision, memory, now: at(2) }).conditions.some((c) => c.type === 'WithinBudget'),
  );
});

test('a restart goes on from the status, and charges the time in which nobody looked', () => {
  const first = decided(budgeted(), { workers: 10, visible: 10 }, spentBy(8, 3), at(9));
  const status = statusOf({ generation: 1, decision: first.decision, memory: first.memory, now: at(9) });
  const condition = status.conditions.find((c) => c.type === 'WithinBudget');
  assert.deepEqual([condition?.status, condition?.reason], ['True', 'Within']);
  assert.match(condition?.message ?? '', /^3\.50 USD of 40\.00 USD spent, 11\.00 USD by 2026-11-26T00:00Z/);
  const resumed = memoryFrom(parseStatus(JSON.stringify(status)));
  const { decision } = decided(budgeted(), { workers: 10, visible: 10 }, resumed, at(11));
  assert.equal(decision.budget?.spent, 4.5);
});

test('a day of full queues costs what the budget says, and the warning comes before the limit', () => {
  const policy = budgeted(
    {},
    { minWorkers: 2, maxWorkers: 100, scaleUp: { cooldown: '0s' }, scaleDown: { cooldown: '0s' } },
  );
  let memory = memoryOf();
  let workers = 2;
  let spent = 0;
  const states: string[] = [];
  for (let minute = 0; minute < 24 * 60; minute++) {
    const now = MIDNIGHT + minute * 60_000;
    const next = decided(policy, { visible: 1_000, inFlight: 5, workers }, memory, now);
    memory = next.memory;
    workers = next.decision.desired!;
    spent = next.decision.budget!.spent;
    if (states.at(-1) !== next.decision.budget!.state) states.push(next.decision.budget!.state);
  }
  assert.deepEqual(states, ['within', 'near', 'limited']);
  assert.ok(spent > 39 && spent <= 40.01, `${spent} spent`);
});

test('never below minWorkers, never above the affordable count unless a reading failed', () => {
  fc.assert(
    fc.property(
      fc.record({ visible: fc.nat(300), inFlight: fc.nat(30), workers: fc.nat(120) }),
      fc.integer({ min: 0, max: 30 }),
      fc.double({ min: 0, max: 60, noNaN: true }),
      fc.double({ min: 0, max: 23.99, noNaN: true }),
      fc.boolean(),
      (world, minWorkers, spent, hour, fails) => {
        const policy = budgeted({}, { minWorkers });
        const given = fails ? { ...world, failQueue: {} } : world;
        const { desired, budget, current } = decided(policy, given, spentBy(hour, spent), at(hour)).decision;
        assert.ok(desired! >= minWorkers);
        assert.ok(budget!.most >= minWorkers);
        assert.ok(desired! <= (fails ? Math.max(current!, budget!.most) : budget!.most));
      },
    ),
    { numRuns: 2_000, seed: 11 },
  );
});

test('a day has 23 or 25 hours when the clock changes', () => {
  const hours = (now: number): number => {
    const { start, end } = dayOf(now, 'Europe/Berlin');
    assert.ok(start <= now && now < end);
    return (end - start) / HOUR;
  };
  assert.equal(hours(Date.UTC(2026, 2, 29, 12)), 23);
  assert.equal(hours(Date.UTC(2026, 9, 25, 12)), 25);
  assert.equal(hours(Date.UTC(2026, 9, 25, 22, 59)), 25);
  assert.equal(hours(Date.UTC(2026, 9, 24, 22)), 25);
});

test('an unknown time zone is refused at its line', () => {
  const parsed = parsePolicy(`apiVersion: sluice/v1
kind: WorkerPolicy
metadata: { name: jobs }
spec:
  queue: { name: jobs }
  service: { name: jobs }
  scaling:
    minWorkers: 0
    maxWorkers: 9
    budget:
      perDay: 4
      pricePerWorkerHour: 0.05
      timezone: Mars/Olympus
`);
  assert.ok(!parsed.ok);
  assert.deepEqual([parsed.problems[0]?.line, parsed.problems[0]?.path], [13, 'spec.scaling.budget.timezone']);
});

test.run();
