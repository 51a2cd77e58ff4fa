/** A log that was damaged, or written by somebody else: no line of it may end a command. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import { random } from '../../../policies/grammar/random.ts';
import { explainDecision } from '../../../reconciler/text/decision.ts';
import { decisionOf, type LogRecord, parseRecord } from '../../../reconciler/text/log-record.ts';
import { recordLine } from '../../../reconciler/text/record-line.ts';

const GOLDEN = fileURLToPath(new URL('../../../test/fixtures/golden/partition.log.gz', import.meta.url));
const lines = gunzipSync(readFileSync(GOLDEN)).toString('utf8').trim().split('\n');

test('every record of a real log is read', () => {
  const records = lines.map(parseRecord);
  assert.ok(records.length > 100);
  assert.equal(records.filter((record) => record === undefined).length, 0);
  assert.ok(records.some((record) => record && decisionOf(record)));
});

/** Values that stand where something else should. */
const ODD: unknown[] = [null, '', 'x', '\u001b[2J\n', -1, 1.5, 1e300, true, [], {}, [null], { ok: true }];

/** Replaces, removes or repeats one value somewhere in a record; sometimes cuts the line. */
function mutate(line: string, next: () => number): string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
  if (next() < 0.1) return line.slice(0, Math.floor(next() * line.length));
  let node: unknown = JSON.parse(line);
  const root = node;
  for (;;) {
    const holder = node as Record<string, unknown>;
    const key = pick(Object.keys(holder));
    const child = holder[key];
    if (typeof child === 'object' && child !== null && Object.keys(child).length > 0 && next() < 0.8) node = child;
    else {
      if (next() < 0.3) delete holder[key];
      else holder[key] = pick(ODD);
      return JSON.stringify(root);
    }
  }
}

/** Does with a record what `logs` and `explain` do. */
function show(record: LogRecord): string {
  const decision = decisionOf(record);
  return `${recordLine(record)}${decision ? explainDecision(decision).replaceAll('\n', ' ') : ''}`;
}

test('5,000 mutations: each is a whole record that can be shown on one line, or none', () => {
  const next = random(20_261_125);
  let whole = 0;
  for (let i = 0; i < 5_000; i++) {
    const line = mutate(lines[i % lines.length]!, next);
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
