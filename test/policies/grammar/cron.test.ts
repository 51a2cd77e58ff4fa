/** Cron expressions: the next occurrence, computed once for each of them, and those that never occur. */
import assert from 'node:assert/strict';
import { Cron } from 'croner';
import fc from 'fast-check';
import { test } from 'uvu';
import { cronFindings, nextOccurrence, openWindow } from '../../../policies/grammar/cron.ts';
import { T0 } from '../../support/policy.ts';

const HOUR = 3_600_000;

for (const never of ['0 0 30 2 *', '0 0 31 4,6,9,11 *', '* * 31 2-2 *', '0 0 30,31 2 *', '0 0 31 6-9/3 *'])
  test(`${never} never occurs, and is refused with words`, () => {
    assert.equal(nextOccurrence(never, 'UTC', T0), undefined);
    const [finding] = cronFindings(never, 'UTC');
    assert.deepEqual(finding?.path, ['cron']);
    assert.match(finding?.message ?? '', /^never occurs/);
  });

for (const rare of ['0 0 29 2 *', '0 0 30 2 1', '0 0 31 1-12/2 *', '0 0 L 2 *', '0 0 1 FEB *'])
  test(`${rare} occurs`, () => {
    assert.deepEqual(cronFindings(rare, 'Europe/Berlin'), []);
    assert.ok(nextOccurrence(rare, 'Europe/Berlin', T0)! > T0);
  });

test('the kept answers are those of croner, in any order of questions, over summer time too', () => {
  const expression = fc.constantFrom('0 8 * * 1-5', '*/15 * * * *', '30 2 * * *', '0 0 1 * *', '0 0 29 2 *');
  const offsets = fc.array(fc.integer({ min: -400 * 24, max: 400 * 24 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(expression, offsets, (cron, hours) => {
      const own = new Cron(cron, { timezone: 'Europe/Berlin', paused: true, mode: '5-part' });
      for (const h of hours) {
        const after = T0 + h * HOUR + (h % 7) * 60_000;
        assert.equal(nextOccurrence(cron, 'Europe/Berlin', after), own.nextRun(new Date(after))?.getTime());
      }
    }),
    { numRuns: 200 },
  );
});

test('sixty schedules over a day of ticks are looked up in croner only as their occurrences pass', () => {
  const original = Cron.prototype.nextRun;
  let searches = 0;
  Cron.prototype.nextRun = function (...args) {
    searches++;
    return original.apply(this, args);
  };
  try {
    for (let now = T0; now < T0 + 24 * HOUR; now += 10_000)
      for (let i = 0; i < 60; i++) openWindow(`${i} ${i % 24} * * *`, 'Europe/Berlin', HOUR, now);
  } finally {
    Cron.prototype.nextRun = original;
  }
  // Compiled once, asked once, and once more after the occurrence of the day.
  assert.ok(searches <= 60 * 4, `${searches} searches in ${24 * 360} ticks`);
});

test('a window holds its start and not its end', () => {
  const start = nextOccurrence('0 * * * *', 'UTC', T0)!;
  assert.equal(openWindow('0 * * * *', 'UTC', 60_000, start - 1), undefined);
  assert.deepEqual(openWindow('0 * * * *', 'UTC', 60_000, start), { start, end: start + 60_000 });
  assert.equal(openWindow('0 * * * *', 'UTC', 60_000, start + 60_000), undefined);
});

test.run();
