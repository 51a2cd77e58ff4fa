import assert from 'node:assert/strict';
import { test } from 'uvu';
import { completed, envNameOf, isLoopback, SETTING_KEYS, SETTINGS, type Settings } from '../../reconciler/settings.ts';

test('the values given stand, and the rest has its default', () => {
  const settings = completed({ pollInterval: 3_000, port: 0 }, false);
  assert.equal(settings.pollInterval, 3_000);
  assert.equal(settings.port, 0, 'a value that is false in JavaScript is a value');
  assert.equal(settings.host, '127.0.0.1');
  assert.equal(settings.token, undefined);
});

test('defaults differ where frequent calls cost nothing', () => {
  assert.equal(completed({}, false).pollInterval, 15_000);
  assert.equal(completed({}, true).pollInterval, 1_000);
});

/** [setting, value, what the error says] */
const bad: [keyof Settings, string, RegExp][] = [
  ['prefix', 'policies', /must be a parameter path/],
  ['pollInterval', '10', /must be a duration/],
  ['pollInterval', '10ms', /at least 200ms/],
  ['port', '70000', /must be a port/],
  ['port', '1e3', /must be a port/],
  ['port', ' ', /must be a port/],
  ['logLevel', 'inf', /must be a log level; .*info/],
  ['metricsPeriod', '7s', /must be 1s, 5s/],
  ['localWrites', 'true', /must be yes or no/],
  ['wakeQueue', 'jobs', /must be the URL of a queue/],
];
for (const [key, value, message] of bad)
  test(`${key} ${JSON.stringify(value)} is refused`, () => assert.throws(() => SETTINGS[key].parse(value), message));

test('what a setting shows, it reads back', () => {
  for (const local of [true, false])
    for (const key of SETTING_KEYS) {
      const { fallback, parse, show = String } = SETTINGS[key] as (typeof SETTINGS)['pollInterval'];
      const value = fallback(local);
      if (value !== undefined) assert.deepEqual(parse(show(value)), value, key);
    }
});

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
