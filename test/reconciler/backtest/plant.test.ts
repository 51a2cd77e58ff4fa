/** The plant: conservation, its rules one by one, and a textbook queue that it must agree with. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { random } from '../../../policies/grammar/random.ts';
import { lateWith } from '../../../policies/scaling/estimate/erlang.ts';
import { binomial, Load, type Trace } from '../../../reconciler/backtest/arrivals.ts';
import { EventQueue } from '../../../reconciler/backtest/event-queue.ts';
import { Fifo } from '../../../reconciler/backtest/fifo.ts';
import { generate } from '../../../reconciler/backtest/generate.ts';
import { Plant, type PlantOptions } from '../../../reconciler/backtest/plant.ts';
import { parseSampler } from '../../../reconciler/backtest/service-time.ts';
import { parseTrace } from '../../../reconciler/backtest/trace.ts';
import { Waits } from '../../../reconciler/backtest/waits.ts';
import { UserError } from '../../../reconciler/text/user-error.ts';

const trace = (counts: number[], step = 10): Trace => ({ name: 'test', step, counts });

function plant(counts: number[], service: string, options: Partial<PlantOptions> = {}, seed = 1): Plant {
  const load = new Load({
    trace: trace(counts),
    serviceTime: parseSampler(service),
    seed,
    keep: 1,
    duration: 10 * counts.length,
  });
  return new Plant(load, {
    concurrency: 1,
    startUp: parseSampler('45s'),
    stopTimeout: 30,
    visibilityTimeout: 300,
    protection: false,
    workers: 1,
    target: 60,
    seed,
    ...options,
  });
}

test('a new worker takes its first message after the start-up time, and is paid from the rise of the count', () => {
  const p = plant([2, 0], '1000s', { workers: 0 });
  p.advanceTo(10);
  p.scaleTo(2);
  p.advanceTo(54.9);
  assert.deepEqual([p.running, p.inFlight, p.visible], [0, 0, 2]);
  p.advanceTo(55);
  assert.deepEqual([p.running, p.inFlight, p.visible], [2, 2, 0]);
  assert.equal(p.workerSeconds, 90);
});

test('a stopped worker finishes what ends in time; what does not comes back, and has waited since it was sent', () => {
  const short = plant([1, 0], '25s');
  short.advanceTo(12);
  short.scaleTo(0);
  short.advanceTo(60);
  assert.deepEqual([short.total.deleted, short.total.redelivered, short.total.busyKills], [1, 0, 1]);
  const long = plant([1, 0], '100s');
  long.advanceTo(10);
  long.scaleTo(0);
  assert.equal(long.inFlight, 1, 'it stays in flight until it times out');
  long.advanceTo(311);
  assert.deepEqual([long.inFlight, long.visible, long.total.redelivered], [0, 1, 1]);
  assert.ok(long.oldestAge > 300, `${long.oldestAge} s old`);
  assert.ok(Math.abs(long.workerSeconds - 40) < 1e-9, `paid for ${long.workerSeconds} s`);
});

test('starting workers go first', () => {
  const p = plant([1, 0], '1000s');
  p.advanceTo(10);
  p.scaleTo(5);
  p.scaleTo(1);
  assert.deepEqual([p.running, p.existing, p.total.busyKills], [1, 1, 0]);
});

test('a stopped worker that cancels its poll may take one more message, which waits for its visibility timeout', () => {
  const p = plant([0, 1, 0, 0, 0, 0, 0, 0], '1s', { workers: 2, deadPoll: 20, visibilityTimeout: 30 });
  p.scaleTo(0);
  p.advanceTo(20);
  assert.deepEqual([p.inFlight, p.visible, p.total.received], [1, 0, 1], 'in flight with nobody');
  p.scaleTo(1);
  p.advanceTo(80);
  assert.deepEqual([p.total.received, p.total.deleted, p.total.redelivered], [2, 1, 1]);
});

test('a poll that ended takes nothing, and neither does that of a worker that was busy or finishes its poll', () => {
  for (const [counts, options] of [
    [[0, 0, 0, 1, 0], { deadPoll: 5 }],
    [[0, 1, 0, 0, 0], { deadPoll: 0 }],
  ] as const) {
    const p = plant([...counts], '1s', { workers: 2, ...options });
    p.scaleTo(0);
    p.advanceTo(45);
    assert.deepEqual([p.inFlight, p.visible], [0, 1]);
  }
  const busy = plant([2, 1, 0], '15s', { workers: 2, deadPoll: 20 });
  busy.advanceTo(9);
  busy.scaleTo(0);
  busy.advanceTo(20);
  assert.equal(busy.total.received, 2);
});

test('protection: a worker that holds a message is never stopped, and goes when it is done', () => {
  const p = plant([4, 0], '20s', { workers: 4, protection: true });
  p.advanceTo(10);
  p.scaleTo(1);
  assert.equal(p.running, 4);
  p.advanceTo(40);
  assert.deepEqual([p.running, p.total.busyKills, p.total.redelivered, p.total.deleted], [1, 0, 0, 4]);
});

test('concurrency: one worker holds that many', () => {
  const p = plant([25, 0], '1000s', { workers: 2, concurrency: 10 });
  p.advanceTo(10);
  assert.deepEqual([p.inFlight, p.visible], [20, 5]);
});

test('property: no message is lost or invented, whatever the fleet does', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(30), { minLength: 2, maxLength: 20 }),
      fc.array(fc.nat(12), { minLength: 1, maxLength: 20 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      (counts, scales, protection, concurrency) => {
        const p = plant(counts, '0.5:5s,0.5:90s+-30s', { protection, concurrency });
        scales.forEach((count, i) => {
          p.advanceTo(10 * (i + 1));
          p.scaleTo(count);
          const { sent, deleted } = p.total;
          assert.equal(sent, deleted + p.visible + p.inFlight);
          assert.ok(p.running <= p.existing, 'what runs exists');
          if (protection) assert.equal(p.total.busyKills, 0);
          else assert.equal(p.existing, count);
        });
        p.scaleTo(50);
        p.advanceTo(1e6);
        assert.equal(p.total.deleted, p.total.sent);
        assert.equal(p.waits.count, p.total.received);
      },
    ),
    { numRuns: 100 },
  );
});

test('M/M/c: the share that waits longer than 10 s is what Erlang C says', () => {
  const load = generate('steady:1/s', 400_000, 3);
  const options = { serviceTime: parseSampler('exponential:8s'), seed: 3, keep: 1, duration: 400_000 };
  const p = new Plant(new Load({ trace: load, ...options }), {
    concurrency: 1,
    startUp: parseSampler('0s'),
    stopTimeout: 30,
    visibilityTimeout: 300,
    protection: false,
    workers: 9,
    target: 10,
    seed: 3,
  });
  p.advanceTo(400_000);
  const late = 1 - p.waits.within / p.waits.count;
  const theory = lateWith({ load: 8, slots: 1, service: 8 }, 9, 10);
  assert.ok(Math.abs(late - theory) < 0.05 * theory + 0.01, `${late.toFixed(4)}, in theory ${theory.toFixed(4)}`);
});

test('the same seed gives the same jobs, whatever the fleet does', () => {
  const total = (workers: number): number => {
    const p = plant([20, 10, 0, 5], 'lognormal:10s', { workers });
    p.advanceTo(5_000);
    return p.load.work;
  };
  assert.equal(total(1), total(20));
});

test('binomial: mean and spread', () => {
  const draw = random(5);
  for (const [n, p] of [
    [50, 0.3],
    [5_000, 0.4],
  ] as const) {
    const draws = Array.from({ length: 4_000 }, () => binomial(n, p, draw));
    const mean = draws.reduce((a, b) => a + b) / draws.length;
    const variance = draws.reduce((sum, d) => sum + (d - mean) ** 2, 0) / draws.length;
    assert.ok(Math.abs(mean / (n * p) - 1) < 0.02, `mean ${mean} of ${n * p}`);
    assert.ok(Math.abs(variance / (n * p * (1 - p)) - 1) < 0.12, `variance ${variance} of ${n * p * (1 - p)}`);
  }
});

test('specifications of times: means, and what is not understood', () => {
  const draw = random(1);
  for (const [spec, mean] of [
    ['10s', 10],
    ['20s+-10s', 20],
    ['lognormal:10s/1', 10],
    ['exponential:4s', 4],
    ['0.8:20s+-10s,0.2:5m+-2m', 76],
  ] as const) {
    const sampler = parseSampler(spec);
    assert.ok(Math.abs(sampler.mean - mean) < 1e-9, `${spec}: ${sampler.mean}`);
    const drawn = Array.from({ length: 40_000 }, () => sampler.sample(draw)).reduce((a, b) => a + b) / 40_000;
    assert.ok(Math.abs(drawn / mean - 1) < 0.05, `${spec}: drawn ${drawn}`);
  }
  for (const [spec, why] of [
    ['10', /is not a duration/],
    ['0:10s', /weight/],
    ['normal:10s', /not a distribution/],
    ['5s+-9s', /below zero/],
  ] as const)
    assert.throws(() => parseSampler(spec), why);
});

test('traces: gaps are empty steps, and faults are told with their line', () => {
  assert.deepEqual(Array.from(parseTrace('t_s,arrivals\n0,1\n10,2\n40,3\n', 'x').counts), [1, 2, 0, 0, 3]);
  for (const [text, where] of [
    ['a,b\n0,1', /x:1:1: the header/],
    ['t_s,arrivals\n0,1\n10,two', /x:3:1: /],
    ['', /x:1:1: the header/],
    ['t_s,arrivals\n0,\n10,1', /x:2:1: /],
    ['t_s,arrivals\n0,1\n1e-9,1\n1e9,1', /x:4:1: the trace has/],
    ['t_s,arrivals\n0,1\n10,1\n15,1', /x:4:1: 15 does not follow/],
  ] as const)
    assert.throws(
      () => parseTrace(text, 'x'),
      (error) => error instanceof UserError && where.test(error.message),
    );
});

test('waits: quantiles to a per cent', () => {
  const waits = new Waits(60);
  for (let i = 1; i <= 10_000; i++) waits.add(i / 100);
  assert.ok(Math.abs(waits.quantile(0.5) - 50) < 0.6, `${waits.quantile(0.5)}`);
  assert.ok(Math.abs(waits.quantile(0.99) - 99) < 1, `${waits.quantile(0.99)}`);
  assert.deepEqual([waits.within, waits.max], [6_000, 100]);
});

test('the queues keep order: by time, then by arrival', () => {
  const events = new EventQueue<number>();
  const draw = random(2);
  const times = Array.from({ length: 500 }, () => Math.floor(draw() * 50));
  times.forEach((at, i) => {
    events.add(at, i);
  });
  const order = times.map((at, i) => [at, i] as const).sort(([a, i], [b, j]) => a - b || i - j);
  for (const [at, i] of order) {
    assert.equal(events.next, at);
    assert.equal(events.take(), i);
  }
  const fifo = new Fifo();
  for (let i = 0; i < 5_000; i++) fifo.add(i, -i);
  for (let i = 0; i < 3_000; i++) assert.equal(fifo.take(), -i);
  for (let i = 5_000; i < 9_000; i++) fifo.add(i, -i);
  assert.equal(fifo.headSent, 3_000);
  assert.equal(fifo.size, 6_000);
});

test.run();
