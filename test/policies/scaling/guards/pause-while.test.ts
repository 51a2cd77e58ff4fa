/** `scaleUp.pauseWhile`: a CloudWatch alarm stops scale-up and, if asked, shrinks the fleet; nothing else does. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { decide } from '../../../../policies/decide.ts';
import { parsePolicy } from '../../../../policies/document/parse.ts';
import type { AlarmReport, Observation, Reading } from '../../../../policies/model/observation.ts';
import { type Look, look, memoryOf, policyOf, T0 } from '../../../support/policy.ts';

type Alarms = NonNullable<Observation['alarms']>;

const is = (state: AlarmReport['state'], reason?: string, at = T0): Reading<AlarmReport> => ({
  ok: true,
  at,
  value: reason === undefined ? { state } : { state, reason },
});
const unread: Reading<AlarmReport> = {
  ok: false,
  at: T0,
  failure: { class: 'needsUser', code: 'AccessDenied', message: 'no cloudwatch:DescribeAlarms' },
};

const braked = (more: object = {}, scaling: Parameters<typeof policyOf>[0] = {}) =>
  policyOf({
    minWorkers: 2,
    strategies: [{ type: 'backlogPerWorker', target: 5 }],
    ...scaling,
    scaleUp: { pauseWhile: { alarms: ['db'], ...more } },
  });

const seen = (given: Look, alarms: Alarms | undefined): Observation => ({
  ...look(given),
  ...(alarms ? { alarms } : {}),
});

interface Row {
  name: string;
  policy?: ReturnType<typeof braked>;
  world?: Look;
  alarms: Alarms | undefined;
  downAgo?: number;
  desired: number;
  because: RegExp;
}

const BUSY = { visible: 100, inFlight: 8, workers: 8 };
const rows: Row[] = [
  { name: 'OK lets pass', alarms: { db: is('OK') }, desired: 20, because: /maxWorkers is 20/ },
  {
    name: 'ALARM pauses scale-up, in the words of CloudWatch',
    alarms: { db: is('ALARM', 'Threshold Crossed: 93 above 80.') },
    desired: 8,
    because: /scale-up is paused: alarm db is in ALARM: Threshold Crossed: 93 above 80\./,
  },
  { name: 'too few points are no alarm', alarms: { db: is('INSUFFICIENT_DATA') }, desired: 20, because: /8 -> 20/ },
  {
    name: 'scale-in goes on in ALARM',
    world: { visible: 20, workers: 8 },
    alarms: { db: is('ALARM') },
    desired: 4,
    because: /8 -> 4/,
  },
  {
    name: 'a service at zero stays there',
    policy: braked({}, { minWorkers: 0 }),
    world: { visible: 9, workers: 0 },
    alarms: { db: is('ALARM') },
    desired: 0,
    because: /scale-up is paused/,
  },
  {
    name: 'the second of two alarms is enough',
    policy: braked({ alarms: ['api', 'db'] }),
    alarms: { api: is('OK'), db: is('ALARM') },
    desired: 8,
    because: /alarm db is in ALARM/,
  },
  {
    name: 'minWorkers holds, in ALARM too',
    policy: braked({}, { minWorkers: 10 }),
    alarms: { db: is('ALARM') },
    desired: 10,
    because: /minWorkers is 10/,
  },
  {
    name: 'shrinkBy removes a share, busy workers too',
    policy: braked({ shrinkBy: '25%' }),
    alarms: { db: is('ALARM', 'hot') },
    desired: 6,
    because: /alarm db is in ALARM, shrinkBy is 25%: hot/,
  },
  {
    name: 'shrinkBy waits its time',
    policy: braked({ shrinkBy: 3 }),
    alarms: { db: is('ALARM') },
    downAgo: 20,
    desired: 8,
    because: /removes 3 again in 40s/,
  },
  {
    name: 'shrinkBy stops at minWorkers',
    policy: braked({ shrinkBy: 5 }),
    world: { visible: 100, workers: 4 },
    alarms: { db: is('ALARM') },
    desired: 2,
    because: /4 -> 2/,
  },
  {
    name: 'shrinkBy never shrinks on a failed count',
    policy: braked({ shrinkBy: '50%' }),
    world: { workers: 8, failQueue: {} },
    alarms: { db: is('ALARM') },
    desired: 8,
    because: /could not be read/,
  },
  {
    name: 'shrinkBy waits for a deployment',
    policy: braked({ shrinkBy: '50%' }),
    world: { ...BUSY, deploying: true },
    alarms: { db: is('ALARM') },
    desired: 8,
    because: /scale-up is paused/,
  },
  {
    name: 'an alarm that cannot be read pauses scale-up',
    policy: braked({ shrinkBy: '50%' }),
    alarms: { db: unread },
    desired: 8,
    because: /no scale-up while alarm db could not be read \(AccessDenied/,
  },
  {
    name: 'an alarm that does not exist pauses scale-up, and the reason says so',
    alarms: { db: is('MISSING') },
    desired: 8,
    because: /alarm db does not exist in CloudWatch; check its name and Region/,
  },
  {
    name: 'an old state is no state',
    alarms: { db: is('OK', undefined, T0 - 200_000) },
    desired: 8,
    because: /alarm db was last read 3m20s ago/,
  },
  {
    name: 'whenUnreadable: ignore',
    policy: braked({ whenUnreadable: 'ignore' }),
    alarms: { db: unread },
    desired: 20,
    because: /8 -> 20/,
  },
  {
    name: 'whenUnreadable: ignore still brakes on an alarm that is read',
    policy: braked({ whenUnreadable: 'ignore', alarms: ['api', 'db'] }),
    alarms: { api: unread, db: is('ALARM') },
    desired: 8,
    because: /alarm db is in ALARM/,
  },
  { name: 'a record without alarms is decided without them', alarms: undefined, desired: 20, because: /8 -> 20/ },
];

for (const { name, policy = braked(), world = BUSY, alarms, downAgo, desired, because } of rows)
  test(name, () => {
    const memory = memoryOf(
      downAgo === undefined ? {} : { lastScaleDown: { at: T0 - downAgo * 1_000, from: 9, to: 8 } },
    );
    const { decision } = decide(policy, seen(world, alarms), memory, T0);
    assert.equal(decision.desired, desired, decision.summary);
    assert.match(`${decision.summary} ${decision.guards.map((g) => g.because).join(' | ')}`, because);
  });

test('a policy without a brake leaves no step of it', () => {
  const { guards } = decide(policyOf(), look(BUSY), memoryOf(), T0).decision;
  assert.ok(!guards.some(({ guard }) => guard === 'pauseWhile'));
});

const state = fc.constantFrom<Alarms[string]>(is('OK'), is('ALARM'), is('INSUFFICIENT_DATA'), is('MISSING'), unread);

test('whatever the alarms are: never below minWorkers, and never more workers than without the brake', () => {
  fc.assert(
    fc.property(
      fc.record({ visible: fc.nat(300), inFlight: fc.nat(30), workers: fc.nat(25), deploying: fc.boolean() }),
      fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constantFrom('10%', '50%', '100%')),
      fc.integer({ min: 0, max: 10 }),
      state,
      fc.boolean(),
      (world, shrinkBy, minWorkers, db, fails) => {
        const given = fails ? { ...world, failQueue: {} } : world;
        const decided = decide(braked({ shrinkBy }, { minWorkers }), seen(given, { db }), memoryOf(), T0).decision;
        const free = decide(braked({}, { minWorkers }), seen(given, { db: is('OK') }), memoryOf(), T0).decision;
        assert.ok(decided.desired! >= minWorkers);
        assert.ok(decided.desired! <= free.desired!);
        if (db.ok && db.value.state === 'ALARM') assert.ok(decided.desired! <= Math.max(world.workers, minWorkers));
        else assert.ok(decided.desired! >= Math.min(world.workers, free.desired!), 'only an alarm shrinks');
        if (fails) assert.ok(decided.desired! >= Math.min(world.workers, 20));
      },
    ),
    { numRuns: 2_000, seed: 7 },
  );
});

test('a brake without alarms, or with a share of nothing, is refused at its line', () => {
  const text = (brake: string) => `apiVersion: sluice/v1
kind: WorkerPolicy
metadata: { name: jobs }
spec:
  queue: { name: jobs }
  service: { name: jobs }
  scaling:
    minWorkers: 0
    maxWorkers: 9
    scaleUp:
      pauseWhile: ${brake}
`;
  for (const brake of ['{ alarms: [] }', '{ alarms: [db], shrinkBy: 0 }', '{ alarms: [db], shrinkBy: fast }']) {
    const parsed = parsePolicy(text(brake));
    assert.ok(!parsed.ok, brake);
    assert.equal(parsed.problems[0]?.line, 11);
  }
});

test.run();
