import assert from 'node:assert/strict';
import { test } from 'uvu';
import { parseTime, timeText } from '../../../reconciler/text/time.ts';

const NOON = Date.parse('2026-11-25T12:00:00.500Z');

/** Calls `run` in a time zone. Node reads TZ anew at each assignment. */
function inZone<T>(zone: string, run: () => T): T {
  const before = process.env.TZ;
  process.env.TZ = zone;
  try {
    return run();
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
}

test('a time is local and carries its zone', () => {
  assert.equal(
    inZone('Europe/Berlin', () => timeText(NOON)),
    '2026-11-25T13:00:00+01:00',
  );
  assert.equal(
    inZone('UTC', () => timeText(NOON)),
    '2026-11-25T12:00:00Z',
  );
});

for (const zone of ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kolkata'])
  test(`a time that is printed in ${zone} is read back as the second that holds it`, () => {
    const span = inZone(zone, () => parseTime(timeText(NOON)));
    assert.deepEqual(span, { from: NOON - 500, to: NOON + 499 });
  });

test('a clock time alone is its last occurrence', () => {
  const read = (text: string) => inZone('UTC', () => parseTime(text, NOON)?.from);
  assert.equal(read('11:59:59'), Date.parse('2026-11-25T11:59:59Z'));
  assert.equal(read('12:00:01'), Date.parse('2026-11-24T12:00:01Z'));
  assert.equal(read('12:59:59+01:00'), Date.parse('2026-11-25T11:59:59Z'));
});

for (const text of ['', 'soon', '25:00:00', '2026-13-01', '12:60', '2026-11-25T'])
  test(`${JSON.stringify(text)} is no time`, () => assert.equal(parseTime(text, NOON), undefined));

test.run();
