/** The line by which editors find the schema: files have it, the parameter does not. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import { withEditorLine, withoutEditorLine } from '../../../reconciler/cli/policy/editor-line.ts';

const LINE = '# yaml-language-server: $schema=policy.schema.json\n';

test('a text goes into a file and back without a change', () => {
  for (const text of ['apiVersion: sluice/v1\n', '# my policy\napiVersion: sluice/v1\n', ''])
    assert.equal(withoutEditorLine(withEditorLine(text)), text);
  assert.equal(withEditorLine(`${LINE}a: 1\n`), `${LINE}a: 1\n`, 'once only');
  assert.equal(withoutEditorLine('# yaml-language-server: $schema=../x.json\r\na: 1\n'), 'a: 1\n', 'with any schema');
  assert.equal(withEditorLine('{"a": 1}\n'), '{"a": 1}\n', 'JSON has no comments');
});

test('every starter names the schema beside it', () => {
  const folder = new URL('../../../policies/starter/', import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml')))
    assert.ok(readFileSync(new URL(file, folder), 'utf8').startsWith(LINE), file);
});

test.run();
