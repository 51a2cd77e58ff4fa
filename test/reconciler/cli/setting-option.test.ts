/** Flags and variables of `sluice run`: which of them wins, where a value came from, and what an error names. */
import assert from 'node:assert/strict';
import { Command, CommanderError } from 'commander';
import { suite } from 'uvu';
import { settingOption } from '../../../reconciler/cli/setting-option.ts';
import { SETTING_KEYS } from '../../../reconciler/settings.ts';

const test = suite('settings of run');
const before = { ...process.env };
test.after.each(() => {
  process.env = { ...before };
});

function parse(args: string[], env: Record<string, string>): { command: Command; complaint: string } {
  Object.assign(process.env, env);
  const result = { command: new Command('run'), complaint: '' };
  result.command.exitOverride().configureOutput({
    writeErr: (text) => {
      result.complaint += text;
    },
  });
  for (const key of SETTING_KEYS) result.command.addOption(settingOption(key));
  try {
    result.command.parse(args, { from: 'user' });
  } catch (error) {
    assert.ok(error instanceof CommanderError, String(error));
  }
  return result;
}

test('a flag wins over a variable', () => {
  const { command } = parse(['--poll-interval', '3s'], { SLUICE_POLL_INTERVAL: '9s', SLUICE_PORT: '81' });
  assert.deepEqual(command.opts(), { pollInterval: 3_000, port: 81 });
  assert.equal(command.getOptionValueSource('pollInterval'), 'cli');
  assert.equal(command.getOptionValueSource('port'), 'env');
});

test('an empty variable is none', () => {
  const { command, complaint } = parse([], { SLUICE_TOKEN: '', SLUICE_POLL_INTERVAL: '' });
  assert.deepEqual([command.opts().token, command.opts().pollInterval, complaint], [undefined, undefined, '']);
});

test('an error names the flag, the variable and the value', () => {
  assert.match(
    parse([], { SLUICE_POLL_INTERVAL: 'soon' }).complaint,
    /'--poll-interval <d>' value 'soon' from env 'SLUICE_POLL_INTERVAL' is invalid\. It must be a duration/,
  );
  assert.match(
    parse(['--port', '70000'], {}).complaint,
    /'--port <n>' argument '70000' is invalid\. It must be a port/,
  );
});

test.run();
