/** Tests how the age of the counts is learned: from a queue whose counts are of a known moment in the past. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { random as seeded } from '../../../../policies/grammar/random.ts';
import type { Estimate } from '../../../../policies/model/estimate.ts';
import { lagToPlan } from '../../../../policies/scaling/estimate/lag.ts';
import { learn } from '../../../../policies/scaling/estimate/learn.ts';
import { look, T0 } from '../../../support/policy.ts';

const HINTS = { serviceTime: 10, startUp: undefined, concurrency: 1 };
const MINUTE = 60;

/** Messages sent up to each second: bursts of some seconds at random times, and nothing is taken. */
function burstsUntil(seconds: number, seed: number): number[] {
  const random = seeded(seed);
  const sent = [0];
  let left = 0;
  for (let second = 1; second <= seconds; second++) {
    if (random() < 0.03) left = 5;
    sent.push(sent[second - 1]! + (left-- > 0 ? 8 : 0) + (random() < 0.2 ? 1 : 0));
  }
  return sent;
}

/** Looks every ten seconds at counts that are `age` seconds old; CloudWatch tells each minute a minute later. */
function watch(age: number, minutes: number, rates = true): Estimate {
  const sent = burstsUntil(minutes * MINUTE, 7);
  let estimate: Estimate | undefined;
  for (let now = 3; now <= minutes * MINUTE; now += 10) {
    const at = T0 + now * 1_000;
    const seen = look({ at, visible: sent[Math.max(0, now - age)]!, workers: 0, running: 0 });
    const end = Math.floor(now / MINUTE) * MINUTE - MINUTE;
    const value = {
      sent: (sent[end]! - (sent[end - MINUTE] ?? 0)) / MINUTE,
      received: 0,
      deleted: 0,
      until: T0 + end * 1_000,
      period: MINUTE,
    };
    estimate = learn(
      estimate,
      rates && end >= MINUTE ? { ...seen, rates: { ok: true, at, value } } : seen,
      60,
      HINTS,
      at,
    );
  }
  assert.ok(estimate);
  return estimate;
}

test('before anything was seen, counts are taken to be 5 s old', () => {
  assert.equal(lagToPlan({}, 60), 5);
  assert.equal(lagToPlan(watch(0, 10, false), 60), 5);
});

test('a short target is not spent on an assumption, and never on the counts alone', () => {
  assert.equal(lagToPlan({}, 10), 1);
  assert.equal(lagToPlan(watch(15, 30), 10), 5);
});

for (const age of [0, 5, 15, 30])
  test(`counts that are ${age} s old are found out within half an hour of bursts`, () => {
    const learned = lagToPlan(watch(age, 30), 60);
    assert.ok(Math.abs(learned - age) <= 2.5, `${learned} s`);
  });

test('a smooth queue tells nothing, and nothing is concluded', () => {
  let estimate: Estimate | undefined;
  for (let now = 0; now <= 1_800; now += 10) {
    const at = T0 + now * 1_000;
    const end = Math.floor(now / MINUTE) * MINUTE - MINUTE;
    const value = { sent: 2, received: 0, deleted: 0, until: T0 + end * 1_000, period: MINUTE };
    const seen = look({ at, visible: 2 * now, workers: 0, running: 0 });
    estimate = learn(estimate, { ...seen, rates: { ok: true, at, value } }, 60, HINTS, at);
  }
  assert.equal(lagToPlan(estimate!, 60), 5);
});

test('one minute that was counted badly does not outvote the others', () => {
  const learned = watch(15, 30);
  const { lag } = learned;
  assert.ok(lag);
  // As after a minute in which the counts were wrong by hundreds, and which the wrong age happens to fit.
  const errors = lag.errors.map((error, i) => error + (i === 0 ? 0 : 8));
  assert.equal(lagToPlan({ lag: { ...lag, errors } }, 60), 15);
});

test.run();
