import assert from 'node:assert/strict';
import { test } from 'uvu';
import { envNameOf, isLoopback, resolveSettings, SETTINGS, SettingError } from '../../reconciler/settings.ts';

test('a flag wins over a variable, and a variable over the default; each says where it came from', () => {
  const { settings, sources } = resolveSettings(
    { pollInterval: '3s' },
    { SLUICE_POLL_INTERVAL: '9s', SLUICE_PORT: '81', SLUICE_TOKEN: '' },
    false,
  );
  assert.equal(settings.pollInterval, 3_000);
  assert.equal(settings.port, 81);
  assert.equal(settings.token, undefined);
  assert.deepEqual(
    [sources.pollInterval, sources.port, sources.token, sources.host],
    ['flag', 'environment', 'default', 'default'],
  );
});

test('defaults differ where looking costs nothing', () => {
  assert.equal(resolveSettings({}, {}, false).settings.pollInterval, 15_000);
  assert.equal(resolveSettings({}, {}, true).settings.pollInterval, 1_000);
});

/** [variable, value, what the error says] */
const bad: [string, string, RegExp][] = [
  ['SLUICE_PREFIX', 'policies', /SLUICE_PREFIX: "policies" must be a parameter path/],
  ['SLUICE_POLL_INTERVAL', '10', /SLUICE_POLL_INTERVAL: "10" must be a duration/],
  ['SLUICE_POLL_INTERVAL', '10ms', /at least 200ms/],
  ['SLUICE_PORT', '70000', /SLUICE_PORT: "70000" must be a port/],
  ['SLUICE_LOG_LEVEL', 'inf', /SLUICE_LOG_LEVEL: "inf" must be a log level; .*info/],
  ['SLUICE_METRICS_PERIOD', '7s', /SLUICE_METRICS_PERIOD: "7s" must be 1s, 5s/],
];
for (const [variable, value, message] of bad)
  test(`${variable}=${value} is refused`, () =>
    assert.throws(
      () => resolveSettings({}, { [variable]: value }, false),
      (error: unknown) => error instanceof SettingError && message.test(error.message),
    ));

test('every setting has a flag of its own, and its variable', () => {
  const flags = Object.values(SETTINGS).map((spec) => spec.flag);
  assert.equal(new Set(flags).size, flags.length);
  assert.equal(envNameOf('poll-interval'), 'SLUICE_POLL_INTERVAL');
});

test('only loopback is local', () => {
  for (const url of ['http://127.0.0.1:4566', 'http://localhost:1', 'http://[::1]:2'])
    assert.equal(isLoopback(url), true, url);
  for (const url of [undefined, 'nonsense', 'http://10.0.0.1', 'http://localhost.example.com'])
    assert.equal(isLoopback(url), false, String(url));
});

test.run();
