/** The usual load at a time of day is read from a queue's past, and targetWait is ready for it. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { usualLoad } from '../../../policies/scaling/estimate/forecast.ts';
import { type Past, PERIOD_MS, usualRate } from '../../../policies/scaling/estimate/usual-rate.ts';
import { SeasonReader } from '../../../reconciler/observe/season.ts';
import { look, T0 } from '../../support/policy.ts';

const PER_DAY = 86_400_000 / PERIOD_MS;

/** `days` days before T0, each with `sent(day, period)`; day 1 is yesterday. */
function past(days: number, sent: (day: number, period: number) => number) {
  const values = Array.from({ length: days * PER_DAY }, (_, i) => sent(days - Math.floor(i / PER_DAY), i % PER_DAY));
  return { from: T0 - days * 86_400_000, sent: values };
}

test('the rate of the next ten minutes that three of four days had', () => {
  const usual = usualRate(
    past(8, (day, period) => (period < 2 ? 300 * day : 1)),
    T0,
  );
  // 300 a period on day 1, 600 on day 2, ...: a quarter of the eight days had less than day 3's 900 in 300 s.
  assert.deepEqual(usual, { perSecond: 3, days: 8 });
});

test('fewer than four days are no habit; days without any message do not count', () => {
  assert.equal(
    usualRate(
      past(3, () => 300),
      T0,
    ),
    undefined,
  );
  assert.equal(
    usualRate(
      past(6, (day) => (day <= 3 ? 300 : 0)),
      T0,
    ),
    undefined,
  );
  assert.equal(
    usualRate(
      past(14, (day) => (day <= 5 ? 300 : 0)),
      T0,
    )?.days,
    5,
  );
});

test('one wild day is no habit', () => {
  const usual = usualRate(
    past(10, (day) => (day === 4 ? 90_000 : 30)),
    T0,
  );
  assert.equal(usual?.perSecond, 0.1);
});

test('a season that could not be read is no load', () => {
  assert.equal(usualLoad(look(), 10), 0);
  const usual = { ok: true as const, at: T0, value: { perSecond: 2, days: 9 } };
  assert.equal(usualLoad({ ...look(), usual }, 10), 20);
});

/** A reader whose reads are answered by hand. */
function reader() {
  const asked: { name: string; answer: (error?: Error) => void }[] = [];
  const read = (name: string, from: number): Promise<Past> =>
    new Promise((resolve, reject) => {
      asked.push({ name, answer: (error) => (error ? reject(error) : resolve({ from, sent: [] })) });
    });
  let now = T0;
  const seasons = new SeasonReader(read, () => now);
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    asked,
    seasons,
    settled,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('reading: no tick waits for it, two at a time, again after six hours', async () => {
  const { asked, seasons, settled, pass } = reader();
  for (const name of ['a', 'b', 'c']) assert.equal(seasons.usual(name), undefined);
  await settled();
  assert.deepEqual(
    asked.map(({ name }) => name),
    ['a', 'b'],
  );
  asked[0]!.answer();
  await settled();
  assert.equal(asked[2]?.name, 'c');
  seasons.usual('a');
  assert.equal(asked.length, 3);
  asked[1]!.answer();
  asked[2]!.answer();
  await settled();
  pass(6 * 3_600_000);
  seasons.usual('a');
  await settled();
  assert.equal(asked[3]?.name, 'a');
});

test('a past that cannot be read says so, and is tried again in ten minutes', async () => {
  const { asked, seasons, settled, pass } = reader();
  seasons.usual('a');
  await settled();
  asked[0]!.answer(new Error('AccessDenied'));
  await settled();
  assert.throws(() => seasons.usual('a'), /AccessDenied/);
  assert.equal(asked.length, 1);
  pass(600_000);
  assert.throws(() => seasons.usual('a'), /AccessDenied/);
  await settled();
  assert.equal(asked.length, 2);
});

test.run();
