/** The documents in policies/starter: each is valid as it stands, and does what its first comment says. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { decide } from '../../policies/decide.ts';
import { parsePolicy } from '../../policies/document/parse.ts';
import { emptyMemory } from '../../policies/memory.ts';
import { look, T0 } from '../support/policy.ts';

const folder = fileURLToPath(new URL('../../policies/starter/', import.meta.url));
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

function starter(name: string) {
  const parsed = parsePolicy(readFileSync(join(folder, `${name}.yaml`), 'utf8'), { name, generation: 1 });
  assert.ok(parsed.ok, `${name}: ${JSON.stringify(!parsed.ok && parsed.problems)}`);
  return parsed.policy;
}

const desired = (name: string, seen: Parameters<typeof look>[0], at = T0): number | undefined =>
  decide(starter(name), look({ ...seen, at }), emptyMemory(), at).decision.desired;

/** [document, what is seen, the count that follows] */
const rows: [string, Parameters<typeof look>[0], number][] = [
  ['threshold', { visible: 11, workers: 2 }, 3],
  ['threshold', { visible: 10, workers: 2 }, 2],
  ['threshold', { visible: 5, workers: 3 }, 2],
  ['backlog-per-worker', { visible: 100, workers: 2 }, 20],
  ['backlog-per-worker', { visible: 5, workers: 1 }, 1],
  ['step', { visible: 50, workers: 4 }, 6],
  ['step', { visible: 500, workers: 4 }, 6],
  ['step', { visible: 2_000, workers: 4 }, 8],
  ['scale-to-zero', { visible: 45, workers: 0 }, 5],
  ['scale-to-zero', { visible: 0, inFlight: 1, workers: 1 }, 1],
  ['scale-to-zero', { visible: 0, inFlight: 0, workers: 1 }, 0],
  ['observe-only', { visible: 11, workers: 2 }, 3],
  ['target-wait', { visible: 0, workers: 2, inFlight: 1 }, 2],
  ['target-wait', { visible: 100, workers: 2, inFlight: 2 }, 102],
];
for (const [name, seen, count] of rows)
  test(`${name}: ${JSON.stringify(seen)} -> ${count}`, () => assert.equal(desired(name, seen), count));

test('office-hours: a floor by day and a ceiling by night, in its own time zone', () => {
  const monday = (time: string) => Date.parse(`2026-11-23T${time}:00+01:00`);
  assert.equal(desired('office-hours', { visible: 0, workers: 3 }, monday('08:00')), 10);
  assert.equal(desired('office-hours', { visible: 0, workers: 3 }, monday('07:30')), 1);
  assert.equal(desired('office-hours', { visible: 200, workers: 3 }, monday('23:00')), 5);
  assert.equal(desired('office-hours', { visible: 200, workers: 3 }, monday('20:00')), 40);
});

test('every document is tested above', () => {
  const tested = new Set([...rows.map(([name]) => name), 'office-hours']);
  for (const file of files) assert.ok(tested.has(basename(file, '.yaml')), `${file} is not tested`);
  for (const name of tested) starter(name);
});

test.run();
