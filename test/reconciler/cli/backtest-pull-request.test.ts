/** `sluice backtest` for pull requests: a table in Markdown, and an exit status that a workflow can fail by. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { judge } from '../../../reconciler/cli/backtest/fail-under.ts';
import { command } from '../../support/command.ts';

const LOAD = ['backtest', '--generate', 'steady:1/s', '--duration', '5m'];

test('--markdown prints a table that Markdown reads', async () => {
  const { status, out } = await command(...LOAD, '--markdown');
  assert.equal(status, 0);
  const table = out.split('\n').filter((line) => line.startsWith('|'));
  assert.equal(table.length, 3, 'titles, their line, one controller');
  assert.equal(new Set(table.map((line) => line.split('|').length)).size, 1, 'as many cells in each');
});

test('--fail-under decides the exit status, and says why', async () => {
  const far = [...LOAD, '--target', '10s', '--start-up', '2m'];
  const { status, err } = await command(...far, '--fail-under', '99.9');
  assert.deepEqual(
    [status, /% of the messages are within the target; --fail-under asks for 99\.9 %/.test(err)],
    [1, true],
  );
  assert.equal((await command(...far, '--fail-under', '1')).status, 0);
  for (const odd of ['', 'most', '-1', '101', '99,9'])
    assert.equal((await command(...LOAD, `--fail-under=${odd}`)).status, 2, odd);
});

test('exactly the least share is enough', () => {
  assert.equal(judge({ controller: 'x', withinTarget: 0.999 }, 0.999), 0);
  assert.equal(judge({ controller: 'x', withinTarget: 0.998999 }, 0.999), 1);
});

test.run();
