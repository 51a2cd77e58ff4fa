/** What is usual at a time of day, from a queue's past; and that targetWait is ready for it. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { usualLoad } from '../../policies/estimate/forecast.ts';
import { PERIOD_MS, usualRate } from '../../reconciler/observe/season.ts';
import { look, T0 } from '../support/policy.ts';

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

test.run();
