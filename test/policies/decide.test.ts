/** `decide` as a table: what is seen, what is remembered, what follows, and that the reason says so. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { withChange } from '../../policies/conclude.ts';
import { decide } from '../../policies/decide.ts';
import { diff } from '../../policies/diff.ts';
import type { Memory } from '../../policies/model/memory.ts';
import { type Look, look, memoryOf, policyOf, T0 } from '../support/policy.ts';

type Scaling = Parameters<typeof policyOf>[0];

interface Case {
  name: string;
  scaling?: Scaling;
  spec?: Parameters<typeof policyOf>[1];
  seen: Look;
  memory?: Partial<Memory>;
  now?: number;
  desired: number | undefined;
  because: RegExp;
}

const s = 1_000;
const threshold = (more: object = {}): Scaling => ({ strategies: [{ type: 'threshold', ...more }] });
const backlog = (more: object = {}): Scaling => ({ strategies: [{ type: 'backlogPerWorker', target: 5, ...more }] });
const up = (at: number) => ({ lastScaleUp: { at, from: 1, to: 2 } });
const down = (at: number) => ({ lastScaleDown: { at, from: 3, to: 2 } });

const cases: Case[] = [
  {
    name: 'step: one message wakes a service at zero, whatever the bands say',
    scaling: { minWorkers: 0, strategies: [{ type: 'step', bands: [{ from: 0, to: 100, change: '-50%' }] }] },
    seen: { visible: 1, workers: 0 },
    desired: 1,
    because: /1 visible and no worker: the first one starts/,
  },
  {
    name: 'step: an empty queue wakes nobody',
    scaling: { minWorkers: 0, strategies: [{ type: 'step', bands: [{ from: 0, to: 100, change: '-50%' }] }] },
    seen: { visible: 0, workers: 0 },
    desired: 0,
    because: /band 0..100/,
  },
  // threshold: 2 workers, 5 up, 2 down
  {
    name: 'threshold: at the upper edge nothing moves',
    seen: { visible: 10, workers: 2 },
    desired: 2,
    because: /between 4 and 10/,
  },
  {
    name: 'threshold: one above the upper edge adds a worker',
    seen: { visible: 11, workers: 2 },
    desired: 3,
    because: /11 visible is above 10 = 2 workers x 5/,
  },
  {
    name: 'threshold: at the lower edge nothing moves',
    seen: { visible: 4, workers: 2 },
    desired: 2,
    because: /between/,
  },
  {
    name: 'threshold: one below the lower edge removes a worker',
    seen: { visible: 3, workers: 2 },
    desired: 1,
    because: /3 visible is below 4 = 2 workers x 2/,
  },
  {
    name: 'threshold: a step of 3',
    scaling: { ...threshold({ step: 3, scaleDownThreshold: 1 }) },
    seen: { visible: 100, workers: 2 },
    desired: 5,
    because: /100 visible/,
  },
  {
    name: 'threshold: desired counts, not running, so that starting tasks are not added twice',
    seen: { visible: 20, workers: 4, running: 1, pending: 3 },
    desired: 4,
    because: /4 workers|between 8 and 20/,
  },
  // zero
  {
    name: 'zero: 0 -> n in one step',
    scaling: { minWorkers: 0 },
    seen: { visible: 23, workers: 0 },
    desired: 5,
    because: /in one step/,
  },
  {
    name: 'zero: nothing visible stays at 0',
    scaling: { minWorkers: 0 },
    seen: { visible: 0, workers: 0 },
    desired: 0,
    because: /no visible message/,
  },
  {
    name: 'zero: 1 -> 0 when nothing is left',
    scaling: { minWorkers: 0 },
    seen: { visible: 0, workers: 1 },
    desired: 0,
    because: /0 visible is below 2/,
  },
  {
    name: 'zero: 1 stays while one is in flight',
    scaling: { minWorkers: 0 },
    seen: { visible: 0, inFlight: 1, workers: 1 },
    desired: 1,
    because: /1 worker stays/,
  },
  {
    name: 'zero: 1 stays while one is visible',
    scaling: { minWorkers: 0 },
    seen: { visible: 1, workers: 1 },
    desired: 1,
    because: /1 worker stays/,
  },
  {
    name: 'zero: the last worker stays even with keepInFlight off',
    scaling: { minWorkers: 0, ...backlog({ countInFlight: false }), scaleDown: { keepInFlight: false } },
    seen: { inFlight: 3, workers: 1 },
    desired: 1,
    because: /1 worker stays for 0 visible and 3 in flight/,
  },
  {
    name: 'zero: leaving 0 does not wait for a scale-up cooldown',
    scaling: { minWorkers: 0 },
    seen: { visible: 7, workers: 0 },
    memory: up(T0 - 5 * s),
    desired: 2,
    because: /in one step/,
  },
  // backlogPerWorker
  {
    name: 'backlog: counts in flight',
    scaling: backlog(),
    seen: { visible: 30, inFlight: 5, workers: 2 },
    desired: 7,
    because: /30 visible \+ 5 in flight/,
  },
  {
    name: 'backlog: in-flight counting off',
    scaling: backlog({ countInFlight: false }),
    seen: { visible: 30, inFlight: 5, workers: 2 },
    desired: 6,
    because: /\(30 visible\) \/ 5/,
  },
  {
    name: 'backlog: within the tolerance nothing moves',
    scaling: backlog(),
    seen: { visible: 54, workers: 10 },
    desired: 10,
    because: /within the tolerance of 0.1/,
  },
  {
    name: 'backlog: beyond the tolerance',
    scaling: backlog(),
    seen: { visible: 56, workers: 10 },
    desired: 12,
    because: /= 12/,
  },
  {
    name: 'backlog: 0 -> n in one step',
    scaling: { ...backlog(), minWorkers: 0 },
    seen: { visible: 50, workers: 0 },
    desired: 10,
    because: /= 10/,
  },
  // step
  {
    name: 'step: the band counts, lower edge inclusive',
    scaling: {
      strategies: [
        {
          type: 'step',
          bands: [
            { from: 0, to: 1, change: -1 },
            { from: 100, to: 500, change: 1 },
            { from: 500, change: 5 },
          ],
        },
      ],
    },
    seen: { visible: 500, workers: 2 },
    desired: 7,
    because: /\+5 -> 7/,
  },
  {
    name: 'step: upper edge exclusive',
    scaling: {
      strategies: [
        {
          type: 'step',
          bands: [
            { from: 100, to: 500, change: 1 },
            { from: 500, change: 5 },
          ],
        },
      ],
    },
    seen: { visible: 499, workers: 2 },
    desired: 3,
    because: /100..500/,
  },
  {
    name: 'step: between bands nothing changes',
    scaling: { strategies: [{ type: 'step', bands: [{ from: 100, change: 1 }] }] },
    seen: { visible: 50, workers: 2 },
    desired: 2,
    because: /in no band/,
  },
  {
    name: 'step: percent rounds as AWS does',
    scaling: { strategies: [{ type: 'step', bands: [{ from: 10, change: '50%' }] }] },
    seen: { visible: 10, workers: 5 },
    desired: 7,
    because: /50% -> 7/,
  },
  {
    name: 'step: by age',
    scaling: { strategies: [{ type: 'step', metric: 'oldestAge', bands: [{ from: 60, change: 2 }] }] },
    seen: { visible: 10, workers: 2, age: 61 },
    desired: 4,
    because: /an oldest age of 61 s/,
  },
  {
    name: 'step: without an age it abstains',
    scaling: { strategies: [{ type: 'step', metric: 'oldestAge', bands: [{ from: 0, change: -1 }] }] },
    seen: { visible: 10, workers: 2, age: undefined },
    desired: 2,
    because: /not known/,
  },
  // strategies together
  {
    name: 'the largest proposal wins',
    scaling: { strategies: [{ type: 'threshold' }, { type: 'backlogPerWorker', target: 2 }] },
    seen: { visible: 12, workers: 2 },
    desired: 6,
    because: /^2 -> 6 workers: backlogPerWorker/,
  },
  {
    name: 'no strategy: the count stays',
    scaling: { strategies: [] },
    seen: { visible: 900, workers: 2 },
    desired: 2,
    because: /2 workers/,
  },
  // cooldowns: each direction its own
  {
    name: 'cooldown: up waits for up',
    seen: { visible: 50, workers: 2 },
    memory: up(T0 - 59 * s),
    desired: 2,
    because: /scale-up cooldown: 1s of 1m left/,
  },
  {
    name: 'cooldown: up after 60 s',
    seen: { visible: 50, workers: 2 },
    memory: up(T0 - 60 * s),
    desired: 3,
    because: /2 -> 3/,
  },
  {
    name: 'cooldown: up never waits for down',
    seen: { visible: 50, workers: 2 },
    memory: down(T0 - 1 * s),
    desired: 3,
    because: /2 -> 3/,
  },
  {
    name: 'cooldown: down waits for down',
    seen: { visible: 0, workers: 5 },
    memory: down(T0 - 59 * s),
    desired: 5,
    because: /scale-down cooldown/,
  },
  {
    name: 'cooldown: down does not wait for up',
    seen: { visible: 0, workers: 5 },
    memory: up(T0 - 1 * s),
    desired: 4,
    because: /5 -> 4/,
  },
  {
    name: 'cooldown: a clock set back does not lengthen it',
    seen: { visible: 50, workers: 2 },
    memory: up(T0 + 3600 * s),
    desired: 2,
    because: /1m of 1m left/,
  },
  // bounds
  {
    name: 'bounds: never above maxWorkers',
    scaling: { ...backlog(), maxWorkers: 8 },
    seen: { visible: 500, workers: 2 },
    desired: 8,
    because: /^2 -> 8 workers: maxWorkers is 8 \(backlogPerWorker would add 98/,
  },
  {
    name: 'bounds: never below minWorkers',
    scaling: { ...backlog(), minWorkers: 3 },
    seen: { visible: 0, workers: 4 },
    desired: 3,
    because: /^4 -> 3 workers: minWorkers is 3 \(backlogPerWorker would remove 4/,
  },
  {
    name: 'bounds: a raised minimum applies at once, in a cooldown',
    scaling: { minWorkers: 6 },
    seen: { visible: 20, workers: 4 },
    memory: up(T0),
    desired: 6,
    because: /minWorkers is 6/,
  },
  {
    name: 'bounds: a lowered maximum applies at once, in a cooldown',
    scaling: { maxWorkers: 3 },
    seen: { visible: 40, workers: 8 },
    memory: down(T0),
    desired: 3,
    because: /maxWorkers is 3/,
  },
  {
    name: 'bounds: a lowered maximum applies during a deployment',
    scaling: { maxWorkers: 3 },
    seen: { visible: 40, workers: 8, deploying: true },
    desired: 3,
    because: /maxWorkers is 3/,
  },
  // in flight
  {
    name: 'busy: never below the workers that hold messages',
    scaling: { ...backlog({ target: 10 }) },
    seen: { visible: 0, inFlight: 6, workers: 8 },
    desired: 6,
    because: /^8 -> 6 workers: 6 messages are in flight \(backlogPerWorker would remove 7/,
  },
  {
    name: 'busy: concurrency divides',
    scaling: { ...backlog({ target: 100 }), concurrency: 4 },
    seen: { visible: 0, inFlight: 9, workers: 8 },
    desired: 3,
    because: /9 messages are in flight, up to 4 at each worker/,
  },
  {
    name: 'busy: switched off',
    scaling: { ...backlog({ target: 10 }), scaleDown: { keepInFlight: false } },
    seen: { visible: 0, inFlight: 6, workers: 8 },
    desired: 1,
    because: /8 -> 1/,
  },
  // deployment
  {
    name: 'deployment: no scale-in',
    seen: { visible: 0, workers: 5, deploying: true },
    desired: 5,
    because: /no scale-in while a deployment/,
  },
  {
    name: 'deployment: scale-out goes on',
    seen: { visible: 90, workers: 5, deploying: true },
    desired: 6,
    because: /5 -> 6/,
  },
  // reads that failed
  {
    name: 'failed queue read: held, though it would be zero',
    seen: { workers: 5, failQueue: {} },
    desired: 5,
    because: /^keeps 5 workers: the queue could not be read \(ThrottlingException/,
  },
  {
    name: 'failed queue read: a lowered maximum waits',
    scaling: { maxWorkers: 3 },
    seen: { workers: 5, failQueue: {} },
    desired: 5,
    because: /a failed reading never scales in/,
  },
  {
    name: 'failed queue read: a raised minimum still applies',
    scaling: { minWorkers: 7 },
    seen: { workers: 5, failQueue: {} },
    desired: 7,
    because: /minWorkers is 7/,
  },
  {
    name: 'failed service read: nothing is concluded',
    seen: { visible: 90, failService: { code: 'MISSING', message: 'no such service' } },
    desired: undefined,
    because: /no decision: the service could not be read \(MISSING/,
  },
  {
    name: 'stale queue read: held',
    seen: { visible: 0, workers: 5, at: T0 - 31 * s },
    desired: undefined,
    because: /last read 31s ago/,
  },
  // stabilization
  {
    name: 'stabilization: down only to the largest count of the window',
    scaling: { ...backlog(), scaleDown: { stabilizationWindow: '5m' } },
    seen: { visible: 0, workers: 10 },
    memory: {
      window: [
        [T0 - 299 * s, 8],
        [T0 - 10 * s, 4],
      ],
    },
    desired: 8,
    because: /8 was proposed 4m59s ago, within the stabilization window of 5m/,
  },
  {
    name: 'stabilization: what is older than the window is forgotten',
    scaling: { ...backlog(), scaleDown: { stabilizationWindow: '5m' } },
    seen: { visible: 0, workers: 10 },
    memory: {
      window: [
        [T0 - 300 * s, 8],
        [T0 - 10 * s, 4],
      ],
    },
    desired: 4,
    because: /4 was proposed/,
  },
  {
    name: 'stabilization: up is not delayed',
    scaling: { ...backlog(), scaleDown: { stabilizationWindow: '5m' } },
    seen: { visible: 60, workers: 10 },
    memory: { window: [[T0 - 20 * s, 2]] },
    desired: 12,
    because: /10 -> 12/,
  },
  // step limits
  {
    name: 'step limit: up',
    scaling: { ...backlog(), scaleUp: { maxStep: 3 } },
    seen: { visible: 90, workers: 2 },
    desired: 5,
    because: /maxStep allows 3 at a time/,
  },
  {
    name: 'step limit: down in percent',
    scaling: { ...backlog(), scaleDown: { maxStep: '25%' } },
    seen: { visible: 0, workers: 10 },
    desired: 8,
    because: /maxStep allows 25% at a time/,
  },
  {
    name: 'step limit: a small percentage is at least one',
    scaling: { ...backlog(), scaleDown: { maxStep: '10%' } },
    seen: { visible: 0, workers: 4 },
    desired: 3,
    because: /maxStep allows 10%/,
  },
  // schedules. T0 is Tuesday 2023-11-14 22:13:20 UTC
  {
    name: 'schedule guard: floor',
    scaling: { schedules: [{ cron: '0 22 * * *', duration: '1h', minWorkers: 7 }] },
    seen: { visible: 0, workers: 2 },
    desired: 7,
    because: /floor of schedule/,
  },
  {
    name: 'schedule guard: ceiling',
    scaling: { ...backlog(), schedules: [{ cron: '0 22 * * *', duration: '1h', maxWorkers: 3 }] },
    seen: { visible: 90, workers: 2 },
    desired: 3,
    because: /ceiling of schedule/,
  },
  {
    name: 'schedule guard: closed',
    scaling: { schedules: [{ cron: '0 21 * * *', duration: '1h', minWorkers: 7 }] },
    seen: { visible: 5, workers: 2 },
    desired: 2,
    because: /2 workers/,
  },
  {
    name: 'schedule guard: time zone',
    scaling: { schedules: [{ cron: '0 23 * * *', duration: '1h', timezone: 'Europe/Berlin', minWorkers: 7 }] },
    seen: { visible: 5, workers: 2 },
    desired: 7,
    because: /floor/,
  },
  {
    name: 'schedule strategy: open',
    scaling: { strategies: [{ type: 'schedule', entries: [{ cron: '0 22 * * *', duration: '30m', workers: 9 }] }] },
    seen: { workers: 2 },
    desired: 9,
    because: /asks for 9 until 2023-11-14T22:30/,
  },
  {
    name: 'schedule strategy: closed gives the minimum',
    scaling: {
      minWorkers: 2,
      strategies: [{ type: 'schedule', entries: [{ cron: '0 9 * * *', duration: '30m', workers: 9 }] }],
    },
    seen: { workers: 5 },
    desired: 2,
    because: /no schedule entry is open/,
  },
  // modes
  {
    name: 'paused: nothing is decided',
    spec: { mode: 'paused' },
    seen: { visible: 900, workers: 2 },
    desired: undefined,
    because: /paused/,
  },
  {
    name: 'observe: decides as enforce does',
    spec: { mode: 'observe' },
    seen: { visible: 900, workers: 2 },
    desired: 3,
    because: /2 -> 3/,
  },
];

for (const c of cases)
  test(c.name, () => {
    const policy = policyOf(c.scaling, c.spec);
    const seen = look(c.seen);
    const { decision } = decide(policy, seen, memoryOf(c.memory), c.now ?? T0);
    assert.equal(decision.desired, c.desired, decision.summary);
    assert.match(decision.summary + decision.guards.map((g) => g.because).join(' '), c.because);
    const actions = diff(decision, seen);
    const from = c.seen.workers ?? 2;
    const moves = c.desired !== undefined && c.desired !== from;
    assert.deepEqual(actions, moves ? [{ kind: 'UpdateService', desiredCount: c.desired, from }] : []);
  });

test('every guard leaves its reason, in the one fixed order', () => {
  const { decision } = decide(policyOf(), look({ visible: 50 }), memoryOf(), T0);
  const order = ['observed', 'deployment', 'busyFloor', 'stabilization', 'stepLimit', 'cooldown', 'schedules', 'clamp'];
  assert.deepEqual(
    decision.guards.map((g) => g.guard),
    order,
  );
  assert.ok(decision.guards.every((g) => g.because.length > 0));
});

test('a cooldown starts with withChange, not with the decision', () => {
  const { decision, memory } = decide(policyOf(), look({ visible: 50 }), memoryOf(), T0);
  assert.equal(memory.lastScaleUp, undefined);
  assert.deepEqual(withChange(memory, decision).lastScaleUp, { at: T0, from: 2, to: 3 });
});

test('failed ticks are counted and forgotten', () => {
  const first = decide(policyOf(), look({ failQueue: {} }), memoryOf(), T0).memory;
  const second = decide(policyOf(), look({ failService: {} }), first, T0).memory;
  assert.equal(second.failedTicks, 2);
  assert.equal(decide(policyOf(), look(), second, T0).memory.failedTicks, 0);
});

test('an alert fires after `for`, keeps firing through unreadable ticks, and ends', () => {
  const policy = policyOf({}, { alerts: [{ name: 'deep', metric: 'visible', above: 100, for: '30s' }] });
  const tick = (memory: Memory, at: number, seen: Look) => decide(policy, look({ ...seen, at }), memory, at);
  let r = tick(memoryOf(), T0, { visible: 101 });
  assert.deepEqual(
    r.decision.alerts.map((a) => [a.name, a.firing]),
    [['deep', false]],
  );
  r = tick(r.memory, T0 + 30 * s, { visible: 150 });
  assert.equal(r.decision.alerts[0]?.firing, true);
  assert.match(r.decision.alerts[0]!.message, /150 visible, above the limit of 100/);
  r = tick(r.memory, T0 + 40 * s, { failQueue: {} });
  assert.equal(r.decision.alerts[0]?.firing, true, 'silence is no all-clear');
  r = tick(r.memory, T0 + 50 * s, { visible: 100 });
  assert.deepEqual(r.decision.alerts, []);
});

test.run();
