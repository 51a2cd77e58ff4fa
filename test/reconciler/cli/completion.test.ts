/** `sluice completion`: every command and flag is in the script, and bash completes with it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import { command } from '../../support/command.ts';

const { out: bash } = await command('completion', 'bash');

/** Returns the words that bash offers for a line; its last word is being typed. */
function complete(...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ');
  const script = `${bash}\nCOMP_WORDS=(sluice ${line}); COMP_CWORD=${words.length}; _sluice; echo "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  return stdout.trim().split(' ');
}

test('bash completes commands, commands below them, flags and choices', () => {
  assert.deepEqual(complete('stat'), ['status']);
  assert.deepEqual(complete('policy', 'va'), ['validate']);
  assert.deepEqual(complete('policy', 'apply', '--wa'), ['--wait']);
  assert.deepEqual(complete('plan', '--policy', 'x', '--det'), ['--detailed-exitcode']);
  assert.deepEqual(complete('status', '--output', 'y'), ['yaml']);
  assert.deepEqual(complete('completion', '--h'), ['--help']);
});

test('zsh and fish know every command and flag that bash knows', async () => {
  const flags = new Set(bash.match(/--[a-z][a-z-]+/g));
  assert.ok(flags.size > 50, `${flags.size} flags`);
  const zsh = (await command('completion', 'zsh')).out;
  const fish = (await command('completion', 'fish')).out;
  for (const flag of flags) {
    if (flag === '--help') continue;
    assert.ok(zsh.includes(`${flag}[`), `zsh knows ${flag}`);
    assert.match(fish, new RegExp(` -l ${flag.slice(2)}\\b`), `fish knows ${flag}`);
  }
});

test('an unknown shell is wrong usage', async () => {
  const { status, err } = await command('completion', 'tcsh');
  assert.deepEqual([status, /Allowed choices are bash, zsh, fish/.test(err)], [2, true]);
});

test.run();
