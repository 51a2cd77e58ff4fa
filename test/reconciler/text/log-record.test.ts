/** A log that was damaged, or written by somebody else: no line of it may end a command. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { random } from '../../../policies/grammar/random.ts';
import { explainDecision } from '../../../reconciler/text/decision.ts';
import { decisionOf, type LogRecord, parseRecord } from '../../../reconciler/text/log-record.ts';
import { recordLine } from '../../../reconciler/text/record-line.ts';
import { goldenLines, mutateLine } from '../../support/golden.ts';

const lines = goldenLines('partition');

test('every record of a real log is read', () => {
  const records = lines.map(parseRecord);
  assert.ok(records.length > 100);
  assert.equal(records.filter((record) => record === undefined).length, 0);
  assert.ok(records.some((record) => record && decisionOf(record)));
});

/** Does with a record what `logs` and `explain` do. */
function show(record: LogRecord): string {
  const decision = decisionOf(record);
  return `${recordLine(record)}${decision ? explainDecision(decision).replaceAll('\n', ' ') : ''}`;
}

test('5,000 mutations: each is a whole record that can be shown on one line, or none', () => {
  const next = random(20_261_125);
  let whole = 0;
  for (let i = 0; i < 5_000; i++) {
    const line = mutateLine(lines[i % lines.length]!, next);
    const record = parseRecord(line);
    if (!record) continue;
    whole++;
    assert.doesNotMatch(show(record), /\p{Cc}/u, line);
  }
  assert.ok(whole > 1_000, `${whole} were still records`);
});

for (const line of [
  '',
  '{',
  '{}',
  'null',
  '[]',
  '{"level":1}',
  '{"msg":"a"}',
  '"{"',
  '{"time":1,"msg":"a","level":"info"}',
])
  test(`${JSON.stringify(line)} is no record`, () => assert.equal(parseRecord(line), undefined));

test('hostile text in a record stays on its line', () => {
  const forged = '\u001b[2K\r\n12:00:00.000 all is well';
  const record = parseRecord(
    JSON.stringify({
      level: 'warn',
      time: '2026-11-25T02:00:00.000Z',
      msg: 'policy refused',
      policy: forged,
      problems: [forged],
      todo: forged,
    }),
  );
  assert.ok(record);
  const line = recordLine(record);
  assert.ok(!line.includes('\n') && !line.includes('\r') && !line.includes('\u001b[2K'), JSON.stringify(line));
  assert.equal(line.split('\\x1b[2K\\r\\n').length, 4);
});

test.run();
