/** Tests what is learned from looks: each from a small world whose truth is known. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { Estimate, Span } from '../../../../policies/model/estimate.ts';
import type { Observation } from '../../../../policies/model/observation.ts';
import { blindSeconds, learnBursts, noBursts, surpriseToCover } from '../../../../policies/scaling/estimate/bursts.ts';
import { slotsOf } from '../../../../policies/scaling/estimate/concurrency.ts';
import type { Hints } from '../../../../policies/scaling/estimate/estimate.ts';
import { forecastLoad } from '../../../../policies/scaling/estimate/forecast.ts';
import { learn } from '../../../../policies/scaling/estimate/learn.ts';
import { lossPerWorker, workersToSpare } from '../../../../policies/scaling/estimate/scale-in-risk.ts';
import { serviceTime } from '../../../../policies/scaling/estimate/service-time.ts';
import { waitingBySpan, withSpan } from '../../../../policies/scaling/estimate/spans.ts';
import { look, T0 } from '../../../support/policy.ts';

const NO_HINTS: Hints = { serviceTime: undefined, startUp: undefined, concurrency: undefined };

type Seen = Parameters<typeof look>[0] & { deletedPerSecond?: number };

function seen(given: Seen, at: number): Observation {
  const { deletedPerSecond, ...rest } = given;
  const observation = look({ ...rest, at });
  if (deletedPerSecond === undefined) return observation;
  const value = {
    sent: 0,
    received: 0,
    deleted: deletedPerSecond,
    until: Math.floor((at - 60_000) / 60_000) * 60_000,
    period: 60,
  };
  return { ...observation, rates: { ok: true, at, value } };
}

/** Looks every ten seconds, as `world` shows them. */
function watch(looks: number, world: (i: number) => Seen, hints = NO_HINTS, target = 60): Estimate {
  let estimate: Estimate | undefined;
  for (let i = 0; i < looks; i++) {
    const at = T0 + i * 10_000;
    estimate = learn(estimate, seen(world(i), at), target, hints, at);
  }
  return estimate!;
}

test('service time by Little: 6 in flight and 0.2 deleted a second are 30 s each', () => {
  const estimate = watch(120, () => ({ workers: 8, inFlight: 6, deletedPerSecond: 0.2 }));
  assert.ok(Math.abs(serviceTime(estimate) - 30) < 0.5, `${serviceTime(estimate)} s`);
  assert.ok(Math.abs(estimate.load - 6) < 0.1, `${estimate.load} busy slots`);
});

test('two minutes that come in one read teach the same as each minute in its own', () => {
  const perSecond = (minute: number): number => 0.1 + (minute % 3) * 0.1;
  const point = (until: number) => ({ until, deleted: perSecond(until / 60_000) });
  const learned = (together: boolean): Estimate => {
    let estimate: Estimate | undefined;
    for (let i = 0; i < 121; i++) {
      const at = T0 + i * 10_000;
      const newest = Math.floor((at - 60_000) / 60_000) * 60_000;
      const shown = together ? Math.floor(newest / 120_000) * 120_000 : newest;
      const value = {
        sent: 0,
        received: 0,
        ...point(together ? shown - 60_000 : shown),
        period: 60,
        ...(together ? { later: [point(shown)] } : {}),
      };
      const observation: Observation = { ...look({ at, workers: 8, inFlight: 6 }), rates: { ok: true, at, value } };
      estimate = learn(estimate, observation, 60, NO_HINTS, at);
    }
    return estimate!;
  };
  const [each, pairs] = [learned(false), learned(true)];
  assert.equal(pairs.service.until, each.service.until);
  // The numbers are rounded once a look.
  for (const part of ['work', 'done'] as const) assert.ok(Math.abs(pairs.service[part] - each.service[part]) < 0.001);
});

test('a hint is where it starts, and gives way to what is seen', () => {
  const hints = { ...NO_HINTS, serviceTime: 300, startUp: 20 };
  assert.equal(serviceTime(watch(1, () => ({}), hints)), 300);
  const later = watch(400, () => ({ workers: 8, inFlight: 6, deletedPerSecond: 0.6 }), hints);
  assert.ok(serviceTime(later) < 20, `${serviceTime(later)} s`);
  assert.equal(later.startUp.seconds, 20);
});

test('start-up time from the rise of the count to the rise of the running', () => {
  // Asked for at look 2 (seen at 3), running at look 9: between 60 and 70 s.
  const estimate = watch(12, (i) => ({ workers: i < 3 ? 2 : 6, running: i < 9 ? 2 : 6 }));
  assert.equal(estimate.startUp.seconds, 65);
  assert.deepEqual(estimate.starting, []);
});

test('what starts is what is missing, and a scale-in takes the newest of it', () => {
  const estimate = watch(6, (i) => ({ workers: [2, 6, 6, 9, 9, 5][i]!, running: 2 }));
  assert.deepEqual(
    estimate.starting.map(([, count]) => count),
    [3],
  );
});

test('concurrency: two looks show it; one look, or a fleet that changes, does not', () => {
  assert.equal(slotsOf(watch(3, () => ({ workers: 2, inFlight: 20, visible: 5 })).concurrency), 10);
  assert.equal(slotsOf(watch(2, (i) => ({ workers: 2, inFlight: i === 1 ? 20 : 0 })).concurrency), 1);
  assert.equal(slotsOf(watch(3, (i) => ({ workers: 2, running: i < 2 ? 2 : 1, inFlight: 4 })).concurrency), 2);
});

test('concurrency that proves too high is taken back while messages wait', () => {
  const estimate = watch(80, (i) => ({ workers: 4, inFlight: i < 4 ? 40 : 8, visible: 30 }));
  assert.equal(slotsOf(estimate.concurrency), 2);
});

test('one or two messages that SQS shows on an empty queue take nothing back', () => {
  const world = (i: number): Seen => ({ workers: 2, inFlight: i < 5 ? 8 : 3, visible: i < 5 ? 0 : 1 + (i % 2) });
  assert.equal(slotsOf(watch(60, world).concurrency), 4);
});

test('messages of killed workers are not taken for concurrency', () => {
  // 10 -> 2 workers while all are busy: 10 stay in flight until they time out.
  const estimate = watch(20, (i) => ({ workers: i < 10 ? 10 : 2, inFlight: 10, visible: 0 }));
  assert.equal(slotsOf(estimate.concurrency), 1);
});

test('arrivals from one look to the next: growth and what was finished', () => {
  const estimate = watch(60, (i) => ({ workers: 4, inFlight: 4, visible: i === 59 ? 40 : 0, deletedPerSecond: 0.4 }));
  const { arrived } = estimate.spans.at(-1)!;
  assert.ok(Math.abs(arrived - 44) < 0.5, `${arrived} arrived`);
});

test('a failed read teaches nothing', () => {
  const before = watch(5, () => ({ workers: 3, inFlight: 2 }));
  const after = learn(before, look({ failQueue: {}, at: T0 + 50_000 }), 60, NO_HINTS, T0 + 50_000);
  assert.equal(after, before);
});

test('a long gap forgets the moment, not what was learned', () => {
  const before = watch(120, () => ({ workers: 8, inFlight: 6, deletedPerSecond: 0.2 }));
  const at = before.last.at + 3_600_000;
  const after = learn(before, look({ workers: 8, inFlight: 1, at }), 60, NO_HINTS, at)!;
  assert.equal(serviceTime(after), serviceTime(before));
  assert.equal(after.load, 1);
  assert.deepEqual(after.spans, []);
});

test('spans: never more than forty, whatever the interval', () => {
  let spans: Span[] = [];
  for (let i = 1; i <= 5_000; i++) {
    spans = withSpan(spans, { end: i * 1_000, length: 1, arrived: 1, work: 2, expected: 1 }, 240);
    assert.ok(spans.length <= 40, `${spans.length} spans`);
  }
  const total = spans.reduce((sum, { length }) => sum + length, 0);
  assert.ok(total >= 200 && total <= 246, `${total} s are covered`);
});

test('ages: the newest arrivals are the ones that wait', () => {
  const span = (end: number, arrived: number): Span => ({ end: T0 + end, length: 10, arrived, work: 0, expected: 0 });
  const groups = waitingBySpan([span(-20_000, 8), span(-10_000, 4), span(0, 2)], 10, T0, 120);
  assert.deepEqual(groups, [
    { count: 4, newest: 20, oldest: 25 },
    { count: 4, newest: 10, oldest: 20 },
    { count: 2, newest: 0, oldest: 10 },
  ]);
  assert.deepEqual(waitingBySpan([], 3, T0, 120), [{ count: 3, oldest: 120, newest: 120 }]);
});

test('bursts: chance needs no cover, a burst in a thousand messages does', () => {
  const spans = (arrived: number): Span[] => [{ end: T0, length: 70, arrived, work: 0, expected: 1 }];
  let calm = noBursts();
  for (let i = 0; i < 1_000; i++) calm = learnBursts(calm, spans(70), 70, 10);
  assert.equal(surpriseToCover(calm, 0.0005), 0);
  let bursty = calm;
  for (let i = 0; i < 7; i++) bursty = learnBursts(bursty, spans(400), 70, 10);
  const cover = surpriseToCover(bursty, 0.0005);
  const truth = (400 - 70) / Math.sqrt(71);
  assert.ok(cover > 0.5 * truth && cover < 1.5 * truth, `covers ${cover} of ${truth}`);
});

test('new workers that come before the target leave nothing blind', () => {
  assert.equal(blindSeconds(45, 10, 60), 0);
  assert.equal(blindSeconds(120, 10, 60), 70);
});

test('a ramp is forecast, noise is not, and a fall is only followed', () => {
  const with_ = (load: number, slowLoad: number): Estimate => ({ ...watch(1, () => ({})), load, slowLoad });
  assert.equal(forecastLoad(with_(10, 10.2), 300, 10, 60), 10);
  assert.equal(forecastLoad(with_(10, 20), 300, 10, 60), 10);
  // 9 more than the slow mean, whose lag is 900 s longer: 0.01 a second.
  assert.ok(Math.abs(forecastLoad(with_(20, 11), 300, 10, 60) - 20.6) < 1e-9, 'the slope goes on for a minute');
});

test('scale-in risk: an idle fleet costs nothing, a busy one of long jobs costs a message each', () => {
  const last = { at: T0, visible: 0, inFlight: 0, running: 10, desired: 10 };
  assert.equal(lossPerWorker(last, 1, 300), 0);
  const busy = lossPerWorker({ ...last, inFlight: 10 }, 1, 300);
  assert.ok(busy > 0.9, `${busy} messages`);
  const quick = lossPerWorker({ ...last, inFlight: 10 }, 1, 1);
  assert.ok(quick < 1e-6, `${quick} messages`);
  const estimate = watch(2, () => ({ workers: 10, running: 7, inFlight: 7 }));
  assert.equal(workersToSpare(estimate, 1, 300), 3 + 1);
});

test.run();
