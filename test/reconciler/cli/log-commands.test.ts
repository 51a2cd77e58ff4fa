/** explain, replay and logs on a log: which decision they take, which document, and how they tell times and modes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import { command } from '../../support/command.ts';
import { appliedLine, decisionLine, documentText } from '../../support/log-file.ts';

const test = suite('commands on a log');
const folder = mkdtempSync(join(tmpdir(), 'sluice-log-'));
test.after(() => rmSync(folder, { recursive: true }));

const T = Date.parse('2026-11-25T00:20:00Z');
const log = (...lines: string[]): string => {
  const file = join(folder, `${lines.length}-${Math.abs(hash(lines.join()))}.log`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
};
const hash = (text: string): number => [...text].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) | 0, 0);

const first = documentText({ maxWorkers: 3 });
const second = documentText({ maxWorkers: 20 });
const stored = log(
  appliedLine(1, first, T),
  decisionLine(1, first, { at: T + 1_200, visible: 90, workers: 3 }),
  decisionLine(1, first, { at: T + 5_400, visible: 90, workers: 2 }),
  decisionLine(1, first, { at: T + 6_700, visible: 90, workers: 3 }),
  // The policy was deleted and stored again: SSM counts from 1.
  appliedLine(1, second, T + 60_000),
  decisionLine(1, second, { at: T + 61_000, visible: 90, workers: 3 }),
);

test('replay takes the document of the time, also after a policy was deleted and stored again', async () => {
  const { status, out } = await command('replay', stored);
  assert.equal(out, '4 of 4 decisions come out the same (100 %)\n');
  assert.equal(status, 0);
});

test('replay tells other words from another decision', async () => {
  const line = decisionLine(1, first, { at: T + 1_200, visible: 90, workers: 2 });
  const record = JSON.parse(line) as { decision: object };
  const worded = log(appliedLine(1, first, T), JSON.stringify({ ...record, summary: 'in words of long ago' }));
  const words = await command('replay', worded);
  assert.deepEqual([words.status, /1 of 1 .* same \(100 %\); 1 of them in other words/.test(words.out)], [0, true]);
  const asJson = JSON.parse((await command('replay', worded, '--json')).out) as Record<string, unknown>;
  assert.deepEqual([asJson.same, asJson.reworded, asJson.different], [0, 1, []]);
  const decision = { ...record.decision, desired: 7 };
  const changed = await command('replay', log(appliedLine(1, first, T), JSON.stringify({ ...record, decision })));
  assert.equal(changed.status, 1);
  assert.match(changed.out, /differs at desired: 7 in the log, 3 now/);
});

test('explain covers the second that --at names, and tells the changes around it and its age', async () => {
  const { status, out } = await command('explain', 'jobs', '--log', stored, '--utc', '--at', '2026-11-25T00:20:05Z');
  assert.equal(status, 0);
  assert.match(out, /jobs version 1 \(enforce\) at 2026-11-25T00:20:05Z: scaleUp/);
  assert.match(out, /age +this decision is \d+\w old/);
  assert.match(out, /after +2026-11-25T00:21:01Z 3 -> 4: /);
  const later = await command('explain', 'jobs', '--log', stored, '--utc', '--at', '2026-11-25 00:20:30Z');
  assert.match(later.out, /at 2026-11-25T00:20:06Z: /);
  assert.match(later.out, /before +2026-11-25T00:20:05Z 2 -> 3: /);
});

test('explain --json gives times as ISO 8601', async () => {
  const { out } = await command('explain', 'jobs', '--log', stored, '--json');
  const found = JSON.parse(out) as { at: string; ageSeconds: number; previousChange: { at: string; to: number } };
  assert.equal(found.at, '2026-11-25T00:21:01.000Z');
  assert.deepEqual([found.previousChange.at, found.previousChange.to], ['2026-11-25T00:20:05.400Z', 3]);
});

test('explain refuses a text that is no time, with an example', async () => {
  const { status, err } = await command('explain', 'jobs', '--log', stored, '--at', 'noon');
  assert.deepEqual([status, /--at noon is not a time[\s\S]*20:00:06/.test(err)], [2, true]);
});

test('logs print times that --at accepts, and observe mode says would', async () => {
  const observed = documentText({}, 'observe');
  const file = log(appliedLine(1, observed, T), decisionLine(1, observed, { at: T + 1_200, visible: 90, workers: 2 }));
  const { out } = await command('logs', file, '--utc');
  assert.match(out, /^2026-11-25T00:20:01Z jobs@1 would scaleUp/m);
  const explained = await command('explain', 'jobs', '--log', file, '--utc', '--at', '2026-11-25T00:20:01Z');
  assert.match(explained.out, /\(observe\).*\(observe mode: nothing is written\)/);
  assert.match(explained.out, /desired +would be 2 -> 3/);
});

test.run();
