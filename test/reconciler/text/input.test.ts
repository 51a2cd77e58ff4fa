/** Files that a command is given: whatever they are, an error in words, with the place where there is one. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import { readInput } from '../../../reconciler/text/input.ts';
import { UserError } from '../../../reconciler/text/user-error.ts';

const test = suite('input');
const folder = mkdtempSync(join(tmpdir(), 'sluice-input-'));
test.after(() => rmSync(folder, { recursive: true }));

const file = (name: string, bytes: string | Buffer): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const refusal = async (path: string, most?: number): Promise<string> => {
  try {
    await readInput(path, most);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message;
  }
  return 'was read';
};

test('text is read as it is, also empty', async () => {
  assert.equal(await readInput(file('text', 'a: ü\n')), 'a: ü\n');
  assert.equal(await readInput(file('empty', '')), '');
  assert.equal(await readInput(file('replacement', 'a: \ufffd\n')), 'a: \ufffd\n');
});

test('binary files are refused with the place of the first bad byte', async () => {
  assert.match(await refusal(file('nul', 'a: 1\nb: \0')), /nul:2:4: this is not text in UTF-8/);
  assert.match(await refusal(file('latin', Buffer.from('a\nb\nü: 1', 'latin1'))), /latin:3:1: this is not text/);
  assert.match(await refusal(file('gzip', Buffer.from([0x1f, 0x8b, 8, 0]))), /gzip:1:\d: this is not text/);
});

test('directories, missing and huge files are refused', async () => {
  assert.match(await refusal(folder), /is a directory; Sluice needs a file/);
  assert.match(await refusal(join(folder, 'none')), /there is no file .*none/);
  assert.match(await refusal(join(file('parent', ''), 'child')), /there is no file/);
  assert.match(await refusal(file('huge', 'x'.repeat(3_000_000)), 2 * 1024 * 1024), /larger than 2 MB/);
  assert.match(await refusal('/dev/zero', 1024 * 1024), /larger than 1 MB/);
});

test.run();
