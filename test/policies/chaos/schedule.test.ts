/** When experiments are due: a pure function of seed and time; what is missed is missed. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { nextAfter, occurrences } from '../../../policies/chaos/schedule.ts';
import { chaosPolicy, experiment, Lab } from '../../support/chaos-run.ts';
import { T0 } from '../../support/policy.ts';

const HOUR = 3_600_000;
const trigger = (given: object) => ({ timezone: 'UTC', ...given });

for (const given of [{ cron: '*/7 * * * *' }, { every: 420_000, jitter: 200_000 }, { meanTimeBetween: 420_000 }])
  test(`${JSON.stringify(given)}: cutting the time anywhere gives the same occurrences`, () => {
    const end = T0 + 48 * HOUR;
    const whole = occurrences('x', trigger(given), 1, T0, end);
    assert.ok(whole.length > 300, `${whole.length} occurrences in two days`);
    const parts: number[] = [];
    for (let at = T0; at < end; at += 97_000)
      parts.push(...occurrences('x', trigger(given), 1, at, Math.min(end, at + 97_000)));
    assert.deepEqual(parts, whole);
    for (const [i, at] of whole.entries())
      if (i % 50 === 0) assert.equal(nextAfter('x', trigger(given), 1, at - 1), at);
  });

test('another seed or another experiment is another sequence', () => {
  const of = (name: string, seed: number) =>
    occurrences(name, trigger({ meanTimeBetween: 60_000 }), seed, T0, T0 + HOUR).join();
  assert.equal(of('x', 1), of('x', 1));
  assert.equal(new Set([of('x', 1), of('x', 2), of('y', 1)]).size, 3);
});

test('meanTimeBetween is exponential: mean and spread are both the mean', () => {
  const all = occurrences('x', trigger({ meanTimeBetween: 60_000 }), 3, T0, T0 + 16 * HOUR);
  const gaps = all.slice(1).map((at, i) => (at - all[i]!) / 60_000);
  const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
  const spread = Math.sqrt(gaps.reduce((a, g) => a + (g - mean) ** 2, 0) / gaps.length);
  assert.ok(Math.abs(mean - 1) < 0.12, `mean ${mean}`);
  assert.ok(Math.abs(spread - 1) < 0.15, `spread ${spread}`);
});

test('cron follows its time zone through a change of the clocks', () => {
  const from = Date.parse('2026-10-24T00:00:00Z');
  const times = occurrences('x', { cron: '0 9 * * *', timezone: 'Europe/Berlin' }, 1, from, from + 72 * HOUR);
  assert.deepEqual(
    times.map((t) => new Date(t).toISOString().slice(8, 16)),
    ['24T07:00', '25T08:00', '26T08:00'],
  );
});

test('a manual experiment is never due', () => {
  assert.deepEqual(occurrences('x', trigger({ manual: true }), 1, T0, T0 + HOUR), []);
  assert.equal(nextAfter('x', trigger({ manual: true }), 1, T0), undefined);
});

const STOP = { type: 'stopTask', count: 1 };

test('every minute: each occurrence runs once, neither repeated nor skipped', () => {
  const it = new Lab();
  it.start(chaosPolicy(experiment(STOP, { trigger: { every: '1m' } })));
  it.pass(600);
  assert.equal(it.ended.length, 10);
  assert.ok(
    it.ended.every((r) => r.verdict === 'passed'),
    it.ended.map((r) => r.because).join(),
  );
  assert.equal(new Set(it.ended.map((r) => r.id)).size, 10);
});

test('occurrences while nobody ran are noted and not made up for', () => {
  const policy = chaosPolicy(experiment(STOP, { trigger: { every: '1m' } }));
  const it = new Lab();
  it.start(policy);
  it.pass(130);
  const before = it.ended.length;
  it.kill();
  it.pass(1_800);
  it.start(policy);
  it.pass(50);
  assert.ok(it.ended.length <= before + 2, 'at most the one of this minute and the next');
  const skipped = it.ticks.flatMap((t) => t.decision.chaos?.skipped ?? []);
  assert.equal(skipped.length, 1);
  assert.match(skipped[0]!.because, /^(28|29|30) runs were missed while Sluice was down/);
});

test('an occurrence waits a little for a steady state, and is skipped by name when none comes', () => {
  const it = new Lab();
  it.start(chaosPolicy(experiment(STOP, { trigger: { every: '10m' } })));
  it.aws.deploying = true;
  it.pass(600 + 30);
  it.aws.deploying = false;
  it.pass(20);
  const started = it.ticks.flatMap((t) => t.decision.chaos?.started ?? []).length;
  it.aws.deploying = true;
  it.pass(700);
  const skipped = it.ticks.flatMap((t) => t.decision.chaos?.skipped ?? []);
  assert.ok(started + skipped.length >= 2, 'each occurrence is accounted for');
  assert.ok(
    skipped.every((s) => s.precondition === 'deployment'),
    JSON.stringify(skipped),
  );
});

test.run();
