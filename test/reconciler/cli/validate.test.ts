/** `sluice policy validate`: folders, several files, and a form for each kind of CI. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import { command } from '../../support/command.ts';
import { EXAMPLE } from '../../support/documents.ts';

const test = suite('policy validate');
const folder = mkdtempSync(join(tmpdir(), 'sluice-validate-'));
test.after(() => rmSync(folder, { recursive: true }));
const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
mkdirSync(join(folder, 'team'));
const good = put('good.yaml', EXAMPLE);
const bad = put('team/a,b.yaml', EXAMPLE.replace('step: 1', 'stepp: 1 # <&>'));
const other = put('queue.json', '{"VisibilityTimeout": 30}');

test('a folder stands for the policies in it; other files are named, not judged', async () => {
  const { status, out, err } = await command('policy', 'validate', folder);
  assert.equal(status, 1);
  assert.equal(
    out,
    `${good}: valid\n${bad}:17:9 spec.scaling.strategies[0].stepp: unknown field (did you mean step?)\n`,
  );
  assert.equal(err, `skipped, since it names no policy: ${other}\n`);
  assert.equal((await command('policy', 'validate', good, good)).status, 0);
});

test('a folder without a policy is a failure, so that a wrong path is noticed', async () => {
  mkdirSync(join(folder, 'empty'));
  const { status, err } = await command('policy', 'validate', join(folder, 'empty'));
  assert.deepEqual([status, /holds no policy/.test(err)], [1, true]);
});

test('github: one workflow command per problem, with its place', async () => {
  const { status, out } = await command('policy', 'validate', folder, '--format', 'github');
  assert.equal(status, 1);
  assert.match(out, /^::error file=.*a%2Cb\.yaml,line=17,col=9::.*unknown field \(did you mean step\?\)$/m);
});

test('junit: one case per document, and text that stays text', async () => {
  const { out } = await command('policy', 'validate', folder, '--format', 'junit');
  assert.match(out, /<testsuite name="sluice policy validate" tests="2" failures="1">/);
  assert.match(out, /<failure message="[^"<>]*unknown field[^"<>]*">[^<>]*<\/failure>/);
});

test('json, by either flag', async () => {
  for (const flags of [['--json'], ['--format', 'json']]) {
    const { results } = JSON.parse((await command('policy', 'validate', folder, ...flags)).out) as {
      results: { file: string; valid: boolean }[];
    };
    assert.deepEqual(
      results.map(({ file, valid }) => [file, valid]),
      [
        [good, true],
        [bad, false],
      ],
    );
  }
});

test('a form that is not known is wrong usage', async () => {
  assert.equal((await command('policy', 'validate', good, '--format', 'xml')).status, 2);
});

test.run();
