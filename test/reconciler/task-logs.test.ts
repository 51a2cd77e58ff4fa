import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { lastLinesIn } from '../../reconciler/task-logs.ts';

async function withLog<T>(text: string, body: (read: ReturnType<typeof lastLinesIn>) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-task-logs-'));
  try {
    writeFileSync(join(folder, 'abc.log'), text);
    return await body(lastLinesIn(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the last five lines that say something, oldest first', async () => {
  const text = Array.from({ length: 9 }, (_, i) => `line ${i}\r\n\n`).join('');
  const lines = await withLog(text, (read) => read('abc'));
  assert.deepEqual(lines, ['line 4', 'line 5', 'line 6', 'line 7', 'line 8']);
  assert.deepEqual(await withLog('no line break', (read) => read('abc')), ['no line break']);
  assert.deepEqual(await withLog('', (read) => read('abc')), []);
});

test('a large log, a long line and control characters do no harm', async () => {
  const huge = `${'x'.repeat(100_000)}\n${'y'.repeat(5_000)}\n\u001b[2Jboom\u0007`;
  const lines = await withLog(huge, (read) => read('abc'));
  assert.deepEqual(lines.slice(-2), ['y'.repeat(200), '\\x1b[2Jboom\\x07']);
  assert.ok(lines.every((line) => line.length <= 200));
});

test('a log that is not there, or an ID that leads out of the folder, has no lines', async () => {
  await withLog('secret', async (read) => {
    for (const id of ['other', '', '../abc', './abc', 'abc/../abc', 'a\0bc']) assert.deepEqual(await read(id), [], id);
  });
});

test.run();
