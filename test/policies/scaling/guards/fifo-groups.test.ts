/** Messages of a FIFO queue that wait for their groups add no worker; standard queues, and short looks, know no such thing. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { conditionsOf } from '../../../../policies/conditions.ts';
import { decide } from '../../../../policies/decide.ts';
import type { Memory } from '../../../../policies/model/memory.ts';
import type { Observation } from '../../../../policies/model/observation.ts';
import { restored, snapshotOf } from '../../../../policies/snapshot.ts';
import { type Look, look, memoryOf, policyOf, T0 } from '../../../support/policy.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const FIFO = { queue: { name: 'jobs.fifo' } };
const STEPS = {
  strategies: [{ type: 'backlogPerWorker' as const, target: 5 }],
  scaleUp: { cooldown: '0s' as const },
};
const fifo = policyOf(STEPS, FIFO);

/** Looks each 10 s up to T0, and the decision at the last one. */
function watch(
  world: Look,
  { policy = fifo, looks = 7, groups, memory = memoryOf(), other = {} }: Partial<Row> & { memory?: Memory } = {},
) {
  let after = memory;
  let last = decide(policy, look(world), after, T0);
  for (let i = looks - 1; i >= 0; i--) {
    const at = T0 - i * 10 * SECOND;
    last = decide(policy, { ...seen({ ...world, ...other[i], at }, groups) }, after, at);
    after = last.memory;
  }
  return last;
}

function seen(given: Look, groups: number | undefined): Observation {
  const at = given.at ?? T0;
  const reading = { ok: true as const, at, value: { inFlight: groups ?? 0, until: at - MINUTE } };
  return { ...look(given), ...(groups === undefined ? {} : { groups: reading }) };
}

interface Row {
  name: string;
  policy?: ReturnType<typeof policyOf>;
  world?: Look;
  /** Other worlds at some looks, by the number of looks that follow. */
  other?: Record<number, Look>;
  looks?: number;
  groups?: number;
  /** Milliseconds since the last scale-up. */
  upAgo?: number;
  desired: number;
  /** The words of the guard's step; without them there must be none. */
  because?: RegExp;
}

const IDLE = { visible: 50, inFlight: 2, workers: 6 };
const rows: Row[] = [
  {
    name: 'messages wait, two of six workers are busy: held',
    desired: 6,
    because:
      /^messages wait for their groups: 2 messages in flight, and the workers could hold 6; one more worker is tried in 9m$/,
  },
  { name: 'not at the first look', looks: 1, desired: 11 },
  { name: 'nor before a minute has gone', looks: 6, desired: 11 },
  { name: 'a standard queue has no groups', policy: policyOf(STEPS), desired: 11 },
  {
    name: 'a standard queue beside it feeds any worker',
    policy: policyOf(STEPS, { queues: [{ name: 'a.fifo' }, { name: 'b' }] }),
    desired: 11,
  },
  { name: 'busy workers', world: { ...IDLE, inFlight: 6 }, desired: 12 },
  { name: 'more than half of them busy', world: { ...IDLE, inFlight: 4 }, desired: 11 },
  { name: 'no message waits', world: { ...IDLE, visible: 0, inFlight: 1 }, desired: 1 },
  { name: 'no message is in flight, so no group is locked', world: { ...IDLE, inFlight: 0 }, desired: 10 },
  { name: 'no worker runs yet', world: { ...IDLE, inFlight: 0, running: 0 }, desired: 10 },
  {
    name: 'a prefetched batch of one group is one group, where CloudWatch tells it',
    world: { ...IDLE, inFlight: 10 },
    groups: 1,
    desired: 6,
    because: /1 message group with messages in flight, and the workers could hold 6/,
  },
  { name: 'the same without CloudWatch', world: { ...IDLE, inFlight: 10 }, desired: 12 },
  { name: 'a count of no groups is no proof', world: { ...IDLE, inFlight: 6 }, groups: 0, desired: 12 },
  { name: 'as many groups as workers', world: { ...IDLE, inFlight: 6 }, groups: 6, desired: 12 },
  {
    name: 'concurrency: one worker with four slots for two groups needs no second one',
    policy: policyOf({ ...STEPS, concurrency: 4 }, FIFO),
    world: { visible: 50, inFlight: 2, workers: 1 },
    desired: 1,
    because: /2 messages in flight, and the workers could hold 4/,
  },
  { name: 'one busy worker alone is no proof', world: { visible: 50, inFlight: 1, workers: 1 }, desired: 11 },
  { name: 'one look at which all are busy ends it at once', other: { 0: { inFlight: 6 } }, desired: 12 },
  {
    name: 'a look without messages in flight changes nothing',
    other: { 1: { inFlight: 0 } },
    looks: 8,
    desired: 6,
    because: /messages wait/,
  },
  {
    name: 'a failed look changes nothing',
    other: { 1: { failQueue: {} } },
    looks: 8,
    desired: 6,
    because: /messages wait/,
  },
  {
    name: 'scale-in goes on',
    world: { visible: 6, inFlight: 1, workers: 6 },
    desired: 2,
    because: /^messages wait for their groups: 1 message in flight/,
  },
  {
    name: 'after ten minutes one more worker is tried',
    looks: 61,
    desired: 7,
    because: /^tries one more worker although messages wait/,
  },
  {
    name: 'and the next one ten minutes after it',
    looks: 100,
    upAgo: 6 * MINUTE,
    desired: 6,
    because: /one more worker is tried in 4m$/,
  },
];

for (const row of rows)
  test(row.name, () => {
    const { world = IDLE, upAgo, desired, because } = row;
    const memory = memoryOf(upAgo === undefined ? {} : { lastScaleUp: { at: T0 - upAgo, from: 5, to: 6 } });
    const { decision } = watch(world, { ...row, memory });
    assert.equal(decision.desired, desired, decision.summary);
    const step = decision.guards.find(({ guard }) => guard === 'fifoGroups');
    if (!because) assert.equal(step, undefined);
    else assert.match(step?.because ?? '', because);
  });

test('the status says what limits the count, in the words of the record', () => {
  const { decision, memory } = watch(IDLE);
  const limited = conditionsOf({ generation: 1, decision, memory, now: T0 }).find((c) => c.type === 'ScalingLimited');
  assert.equal(limited?.reason, 'FifoGroups');
  assert.match(limited?.message ?? '', /^6 instead of 11: messages wait for their groups/);
  assert.match(decision.summary, /^keeps 6 workers: messages wait .* \(backlogPerWorker would add 5/);
});

test('a restart knows it still, and forgets it after five minutes without a look', () => {
  const { memory } = watch(IDLE);
  const again = memoryOf(restored(snapshotOf(memory, T0)));
  assert.deepEqual(again.groups, memory.groups);
  const at = (later: number) => decide(fifo, look({ ...IDLE, at: T0 + later }), again, T0 + later).decision.desired;
  assert.equal(at(MINUTE), 6);
  assert.equal(at(6 * MINUTE), 11);
});

test('whatever is seen: no worker fewer than without groups, and none below minWorkers', () => {
  const world = fc.record({ visible: fc.nat(90), inFlight: fc.nat(30), workers: fc.integer({ min: 1, max: 25 }) });
  const plain = policyOf(STEPS);
  fc.assert(
    fc.property(
      world,
      fc.option(fc.nat(9), { nil: undefined }),
      fc.integer({ min: 1, max: 70 }),
      (w, groups, looks) => {
        const given = { looks, ...(groups === undefined ? {} : { groups }) };
        const held = watch(w, given).decision.desired!;
        const free = watch(w, { ...given, policy: plain }).decision.desired!;
        assert.ok(held <= free && held >= Math.min(w.workers, free), `${held} ${free}`);
      },
    ),
    { numRuns: 300, seed: 11 },
  );
});

test.run();
