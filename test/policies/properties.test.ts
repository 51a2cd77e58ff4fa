/** Properties of `decide` that hold for every policy, world and memory. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { withChange } from '../../policies/conclude.ts';
import { decide } from '../../policies/decide.ts';
import { diff } from '../../policies/diff.ts';
import type { Look } from '../support/policy.ts';
import { look, memoryOf, policyOf, T0 } from '../support/policy.ts';

const strategy = fc.oneof(
  fc.record({ up: fc.integer({ min: 1, max: 40 }), step: fc.integer({ min: 1, max: 5 }) }).map(({ up, step }) => ({
    type: 'threshold' as const,
    scaleUpThreshold: up,
    scaleDownThreshold: Math.floor(up / (1 + step)),
    step,
  })),
  fc.record({
    type: fc.constant('backlogPerWorker' as const),
    target: fc.integer({ min: 1, max: 40 }),
    tolerance: fc.constantFrom(0, 0.1, 0.3),
    countInFlight: fc.boolean(),
  }),
);

const policy = fc
  .record({
    min: fc.integer({ min: 0, max: 10 }),
    more: fc.integer({ min: 0, max: 40 }),
    concurrency: fc.integer({ min: 1, max: 10 }),
    strategies: fc.array(strategy, { maxLength: 3 }),
    keepInFlight: fc.boolean(),
    window: fc.constantFrom('0s', '1m', '5m'),
    upStep: fc.option(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom('10%', '100%')), { nil: undefined }),
    downStep: fc.option(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom('10%', '100%')), { nil: undefined }),
  })
  .map((p) =>
    policyOf({
      minWorkers: p.min,
      maxWorkers: p.min + p.more,
      concurrency: p.concurrency,
      strategies: p.strategies,
      scaleUp: p.upStep === undefined ? {} : { maxStep: p.upStep },
      scaleDown: {
        keepInFlight: p.keepInFlight,
        stabilizationWindow: p.window,
        ...(p.downStep === undefined ? {} : { maxStep: p.downStep }),
      },
    }),
  );

const world = fc.record({
  visible: fc.integer({ min: 0, max: 500 }),
  inFlight: fc.integer({ min: 0, max: 60 }),
  workers: fc.integer({ min: 0, max: 60 }),
  deploying: fc.boolean(),
});

const scale = fc.record(
  { at: fc.integer({ min: T0 - 120_000, max: T0 }), from: fc.nat(9), to: fc.nat(9) },
  { noNullPrototype: true },
);
const memory = fc
  .record({
    lastScaleUp: fc.option(scale, { nil: undefined }),
    lastScaleDown: fc.option(scale, { nil: undefined }),
    window: fc.array(fc.tuple(fc.integer({ min: T0 - 400_000, max: T0 }), fc.nat(60)), { maxLength: 4 }),
  })
  .map(({ window, ...rest }) => {
    // As decide keeps it: times rise, counts fall.
    const sorted = window
      .sort((a, b) => a[0] - b[0])
      .filter(([, count], i, all) => all.slice(i + 1).every(([, later]) => later < count));
    return memoryOf({ window: sorted, ...Object.fromEntries(Object.entries(rest).filter(([, v]) => v !== undefined)) });
  });

const runs = { numRuns: 2_000, seed: 5 };

test('never outside the bounds', () => {
  fc.assert(
    fc.property(policy, world, memory, (p, w, m) => {
      const { desired } = decide(p, look(w), m, T0).decision;
      assert.ok(desired! >= p.spec.scaling.minWorkers && desired! <= p.spec.scaling.maxWorkers);
    }),
    runs,
  );
});

test('never in on a read that failed, was partial, or is stale', () => {
  const broken = fc.constantFrom<Look>(
    { failQueue: {} },
    { failService: {} },
    { failQueue: {}, failService: {} },
    { at: T0 - 60_000 },
  );
  fc.assert(
    fc.property(policy, world, memory, broken, (p, w, m, b) => {
      const seen = look({ ...w, ...b });
      for (const action of diff(decide(p, seen, m, T0).decision, seen))
        assert.ok(action.kind === 'UpdateService' && action.desiredCount > action.from);
    }),
    runs,
  );
});

test('idempotent: once the world agrees, nothing more is written', () => {
  fc.assert(
    fc.property(policy, world, memory, (p, w, m) => {
      const first = decide(p, look(w), m, T0);
      const agreed = look({ ...w, workers: first.decision.desired! });
      const second = decide(p, agreed, withChange(first.memory, first.decision), T0);
      // A rule whose answer depends on the count may go on, but in the same direction only: no flapping at one backlog.
      const step = second.decision.desired! - first.decision.desired!;
      const before = first.decision.desired! - w.workers;
      assert.ok(
        step * before >= 0 || first.decision.guards.some((g) => g.from !== g.to),
        `${w.workers} -> ${first.decision.desired} -> ${second.decision.desired}`,
      );
      assert.deepEqual(diff({ ...first.decision }, agreed), []);
    }),
    runs,
  );
});

test('deterministic', () => {
  fc.assert(
    fc.property(policy, world, memory, (p, w, m) => {
      const copy = JSON.parse(JSON.stringify(m)) as typeof m;
      assert.deepEqual(decide(p, look(w), m, T0), decide(p, look(w), copy, T0));
      assert.deepEqual(m, copy, 'the memory that went in is left alone');
    }),
    runs,
  );
});

test('monotone: more visible messages never mean fewer workers', () => {
  fc.assert(
    fc.property(policy, world, memory, fc.integer({ min: 1, max: 300 }), (p, w, m, more) => {
      const less = decide(p, look(w), m, T0).decision.desired!;
      const many = decide(p, look({ ...w, visible: w.visible + more }), m, T0).decision.desired!;
      assert.ok(many >= less, `${w.visible} visible -> ${less}, ${w.visible + more} -> ${many}`);
    }),
    runs,
  );
});

test('a decision survives JSON, so that a log can be replayed', () => {
  fc.assert(
    fc.property(policy, world, memory, (p, w, m) => {
      const { decision } = decide(p, look(w), m, T0);
      const stored = JSON.parse(JSON.stringify({ decision, m })) as { decision: typeof decision; m: typeof m };
      assert.deepEqual(
        JSON.parse(JSON.stringify(decide(p, stored.decision.observation, stored.m, stored.decision.at).decision)),
        stored.decision,
      );
    }),
    runs,
  );
});

test.run();
