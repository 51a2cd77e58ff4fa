/** The peers against worked-out vectors: what each published law gives for a given course of readings. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { MinutePoint } from '../../../reconciler/backtest/cloudwatch.ts';
import { PEERS } from '../../../reconciler/backtest/peers/index.ts';
import { Hpa, type KedaSettings, keda } from '../../../reconciler/backtest/peers/keda.ts';
import { lambda } from '../../../reconciler/backtest/peers/lambda.ts';
import { targetValue } from '../../../reconciler/backtest/peers/nomad.ts';
import type { Peer, PeerView } from '../../../reconciler/backtest/peers/peer.ts';
import { adjusted, CDK_DOWN, CDK_STEPS, stepScaling } from '../../../reconciler/backtest/peers/step-scaling.ts';
import { targetTracking } from '../../../reconciler/backtest/peers/target-tracking.ts';
import { threshold } from '../../../reconciler/backtest/peers/threshold.ts';
import { wpaCount } from '../../../reconciler/backtest/peers/wpa.ts';

const view = (given: Partial<PeerView>): PeerView => ({
  now: 0,
  visible: 0,
  inFlight: 0,
  delayed: 0,
  desired: 1,
  existing: given.desired ?? 1,
  running: given.desired ?? 1,
  minutes: () => [],
  ...given,
});

const settings = (behavior: KedaSettings['behavior']): KedaSettings => ({ queueLength: 5, behavior, min: 1, max: 100 });

/** The count after each of the syncs, the fleet obeying at once. */
function syncs(behavior: KedaSettings['behavior'], metric: (i: number) => number, count: number): number[] {
  const hpa = new Hpa(settings(behavior));
  let desired = 1;
  return Array.from({ length: count }, (_, i) => {
    desired = hpa.sync(view({ now: 15 * i, visible: metric(i), desired })) ?? desired;
    return desired;
  });
}

test('HPA without behavior: at most doubling, and a first jump to 4', () => {
  assert.deepEqual(
    syncs('absent', () => 1_000, 6),
    [4, 8, 16, 32, 64, 100],
  );
});

test('HPA with behavior: 4 more or twice as many in each 15 s', () => {
  assert.deepEqual(
    syncs('present', () => 1_000, 6),
    [5, 10, 20, 40, 80, 100],
  );
});

test('HPA without behavior: one sample of 1,000 is remembered, all the way up', () => {
  const counts = syncs('absent', (i) => (i === 0 ? 1_000 : 10), 22);
  assert.deepEqual(counts.slice(0, 6), [4, 8, 16, 32, 64, 100]);
  assert.ok(
    counts.slice(5, 21).every((c) => c === 100),
    `held: ${counts}`,
  );
  assert.equal(counts[21], 2);
});

test('HPA with behavior: one sample of 1,000 raises it once', () => {
  const counts = syncs('present', (i) => (i === 0 ? 1_000 : 10), 21);
  assert.ok(
    counts.slice(0, 20).every((c) => c === 5),
    `held: ${counts}`,
  );
  assert.equal(counts[20], 2);
});

/** [replicas, metric, count] at T = 5 */
for (const [replicas, metric, count] of [
  [10, 45, 10],
  [10, 46, 10],
  [10, 55, 11],
  [10, 56, 12],
  [1, 6, 2],
  [2, 11, 3],
] as const)
  test(`HPA tolerance: ${replicas} replicas, metric ${metric} -> ${count}`, () => {
    const hpa = new Hpa(settings('present'));
    assert.equal(hpa.sync(view({ visible: metric, desired: replicas })) ?? replicas, count);
  });

test("KEDA's operator: up from zero at a message, down to zero from any count after the cooldown", () => {
  const poll = keda({ ...settings('absent'), min: 0 }).loops[0]!;
  assert.equal(poll.look(view({ desired: 0, visible: 1 })), 1);
  assert.equal(poll.look(view({ now: 300, desired: 7 })), undefined);
  assert.equal(poll.look(view({ now: 301, desired: 7 })), 0);
});

test('Nomad target-value', () => {
  for (const [metric, target, workers, count] of [
    [100, 100, 10, 10],
    [100.5, 100, 10, 10],
    [102, 100, 10, 11],
    [150, 100, 10, 15],
    [50, 100, 10, 5],
    [3, 0, 4, 12],
  ] as const)
    assert.equal(targetValue(metric, target, workers), count, `metric ${metric} of ${target}, ${workers} workers`);
});

test('WPA', () => {
  const set = { target: 20, secondsPerJob: 0, min: 0, max: 30 };
  const look = { queue: 0, workers: 5, sentPerMinute: 0, allIdle: false };
  assert.equal(wpaCount({ ...look, queue: 200 }, set), 10);
  assert.equal(wpaCount({ ...look, sentPerMinute: 300 }, { ...set, secondsPerJob: 0.5, min: 1 }), 3);
  assert.equal(wpaCount({ ...look, allIdle: true }, set), 0);
});

/** The changes of an alarm-driven peer, minute by minute: [second, count] of its changes. Each minute has `visible` at its start. */
function minutely(
  peer: Peer,
  visible: (second: number) => number,
  lag: number,
  until: number,
  workers: number,
): number[][] {
  let desired = workers;
  const ran: number[] = [];
  const changes: number[][] = [];
  for (let now = 0; now <= until; now += 60) {
    const points = Array.from({ length: Math.max(0, Math.floor((now - lag) / 60)) }, (_, k): MinutePoint => {
      const count = visible(60 * k);
      const rates = { sent: 0, received: 0, deleted: 0, oldestAge: 0 };
      return { end: 60 * (k + 1), visible: count, highest: count, running: ran[k]!, ...rates };
    });
    const to = peer.loops[0]!.look(view({ now, desired, minutes: () => points }));
    ran.push(desired);
    if (to === undefined || to === desired) continue;
    desired = to;
    changes.push([now, to]);
  }
  return changes;
}

for (const [lag, at] of [
  [60, 240],
  [180, 360],
] as const)
  test(`target tracking, lag ${lag} s: 1,000 visible, 2 workers, target 100: 10 at ${at} s`, () => {
    const peer = targetTracking({ target: 100, lag, min: 1, max: 50 });
    assert.deepEqual(minutely(peer, () => 1_000, lag, 400, 2)[0], [at, 10]);
  });

test('target tracking: fifteen low minutes after the queue is empty it goes to the minimum', () => {
  const peer = targetTracking({ target: 100, lag: 60, min: 1, max: 50 });
  const changes = minutely(peer, (s) => (s < 300 ? 1_000 : 0), 60, 1_500, 2);
  assert.deepEqual(changes, [
    [240, 10],
    [1_260, 1],
  ]);
});

test('target tracking from zero without a point never scales', () => {
  const peer = targetTracking({ target: 100, lag: 60, min: 0, max: 50 });
  assert.deepEqual(
    minutely(peer, () => 50, 60, 3_600, 0),
    [],
  );
});

test('step scaling as the CDK has it: 600 visible', () => {
  const peer = stepScaling({ up: CDK_STEPS, down: CDK_DOWN, minutes: 5, min: 1, max: 10 });
  assert.deepEqual(
    minutely(peer, () => 600, 60, 700, 1),
    [
      [360, 6],
      [660, 10],
    ],
  );
});

test('step scaling as the CDK has it: 150 visible adds one each five minutes', () => {
  const peer = stepScaling({ up: CDK_STEPS, down: CDK_DOWN, minutes: 5, min: 1, max: 10 });
  assert.deepEqual(
    minutely(peer, () => 150, 60, 1_000, 1),
    [
      [360, 2],
      [660, 3],
      [960, 4],
    ],
  );
});

test('threshold: strict, one step, one cooldown, bounds at once', () => {
  const look = threshold({ up: 5, down: 2, cooldown: 60, min: 1, max: 4 }).loops[0]!.look;
  assert.equal(look(view({ now: 0, desired: 2, visible: 10 })), undefined);
  assert.equal(look(view({ now: 0, desired: 2, visible: 11 })), 3);
  assert.equal(look(view({ now: 59, desired: 3, visible: 99 })), undefined);
  assert.equal(look(view({ now: 59, desired: 9, visible: 99 })), 4);
  assert.equal(look(view({ now: 60, desired: 3, visible: 0 })), 2);
});

test('step scaling rounds percentages as Application Auto Scaling does', () => {
  for (const [count, percent, atLeast, expected] of [
    [5, 10, undefined, 6],
    [25, 10, undefined, 27],
    [4, -10, undefined, 3],
    [25, -10, undefined, 23],
    [25, 10, 5, 30],
    [0, 50, undefined, 0],
    [0, 50, 2, 2],
  ] as const)
    assert.equal(
      adjusted(count, { percent, ...(atLeast === undefined ? {} : { atLeast }) }),
      expected,
      `${percent} % of ${count}`,
    );
});

test('the Lambda sets what the counts ask for, once a minute', () => {
  const [loop] = lambda({ perWorker: 6, min: 1, max: 20 }).loops;
  assert.equal(loop?.every, 60);
  assert.deepEqual(
    [0, 6, 7, 500].map((visible) => loop?.look(view({ visible, inFlight: 0 }))),
    [1, 1, 2, 20],
  );
});

test("Copilot's ratio is a whole number, and counts the messages themselves while no task runs", () => {
  const peer = targetTracking({ target: 4, lag: 0, ratio: 'copilot', min: 0, max: 10 });
  assert.deepEqual(
    minutely(peer, () => 5, 0, 200, 0),
    [
      [60, 1],
      [180, 2],
    ],
  );
});

test('AWS step scaling is tuned among at least 40 settings, percentages among them', () => {
  const facts = { min: 1, max: 200, target: 60, service: 10, concurrency: 1 };
  const settings = new Set(PEERS['aws-step']!.settings(facts).map((make) => make().settings));
  assert.ok(settings.size >= 40, `${settings.size}`);
  assert.ok([...settings].some((text) => text.includes(' %')));
});

test.run();
