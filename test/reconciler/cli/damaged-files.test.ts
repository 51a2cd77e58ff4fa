/** Files that are not what a command needs: every command says so in words, with a place, and exits with 1 or 2. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import { random } from '../../../policies/grammar/random.ts';
import { command } from '../../support/command.ts';
import { goldenLines, mutateLine } from '../../support/golden.ts';

const test = suite('damaged files');
const folder = mkdtempSync(join(tmpdir(), 'sluice-damaged-'));
test.after(() => rmSync(folder, { recursive: true }));

const put = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
mkdirSync(join(folder, 'directory.yaml'));

/** [what, file]; none of them is a policy, a scenario, a trace, or an IAM policy. */
const FILES: [string, string][] = [
  ['empty', put('empty.yaml', '')],
  ['binary', put('binary.yaml', Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff, 0xfe]))],
  ['huge', put('huge.yaml', 'x: 1\n'.repeat(1_000_000))],
  ['a directory', join(folder, 'directory.yaml')],
  ['missing', join(folder, 'missing.yaml')],
  ['broken', put('broken.yaml', '{"a": [1,\n}')],
  ['a scalar', put('scalar.yaml', '42\n')],
  ['hostile', put('hostile.yaml', '"\\u001b[2J\\nerror: all is well": 1\nkind: "\\u202e"\n')],
];

/** Each takes a file as its last argument. */
const COMMANDS: string[][] = [
  ['policy', 'validate'],
  ['policy', 'apply'],
  ['plan', '--policy'],
  ['backtest', '--generate', 'steady:1/s', '--duration', '1m', '--policy'],
  ['backtest', '--trace'],
  ['up', '--scenario'],
  ['up', '--policy'],
  ['up', '--iam'],
  ['explain', 'demo', '--log'],
  ['replay'],
];
for (const args of COMMANDS)
  for (const [what, file] of FILES)
    test(`sluice ${args.join(' ')} with a file that is ${what}`, async () => {
      const { status, out, err } = await command(...args, file);
      assert.ok(status === 1 || status === 2, `status ${status}: ${out}${err}`);
      const said = `${out}${err}`;
      assert.ok(said.includes(folder) || /error: /.test(said), said);
      assert.doesNotMatch(said, /^\s+at .*:\d+:\d+\)?$/m, 'no stack');
      assert.doesNotMatch(said, /[\u202e]/, 'nothing that a terminal obeys');
      assert.ok(!said.includes(String.fromCharCode(27)), said);
    });

test('a log with damaged lines is read around them, and their place is told', async () => {
  const lines = goldenLines('drain');
  const log = put('damaged.log', `${lines[0]}\n{"time":"x","msg":\n${lines.slice(1).join('\n')}\n{"cut`);
  const replay = await command('replay', log);
  assert.match(replay.err, /warning: .*damaged\.log:2:1: skipped 2 lines that are not whole log records/);
  assert.match(replay.out, /of \d+ decisions come out the same/);
  assert.match((await command('explain', 'demo', '--log', log)).err, /damaged\.log:2:1/);
});

test('2,000 mutated records: replay computes them, or says which it cannot', async () => {
  const next = random(7);
  const lines = goldenLines('mixed');
  const mutated = Array.from({ length: 2_000 }, (_, i) => mutateLine(lines[i % lines.length]!, next));
  const { status, out } = await command(
    'replay',
    '--json',
    put('mutated.log', `${lines.join('\n')}\n${mutated.join('\n')}`),
  );
  const { decisions, same, reworded, different, unknown } = JSON.parse(out);
  assert.equal(status, 1, 'damage within a decision is found');
  assert.ok(decisions > 500, `${decisions} were still decisions`);
  assert.equal(same + reworded + different.length + unknown, decisions);
});

test.run();
