/** `sluice status`: for each cause of a count that does not follow its queue, the table says which one it is. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { decide } from '../../../policies/decide.ts';
import { statusOf } from '../../../policies/status.ts';
import { detailsText, overviewText, type Row } from '../../../reconciler/cli/status/text.ts';
import { wrap } from '../../../reconciler/text/wrap.ts';
import { type Look, look, memoryOf, policyOf, T0 } from '../../support/policy.ts';

function rowOf(
  seen: Look,
  spec: Parameters<typeof policyOf>[1] = {},
  scaling: Parameters<typeof policyOf>[0] = {},
): Row {
  const { decision, memory } = decide(policyOf(scaling, spec, 6), look(seen), memoryOf(), T0);
  return { name: 'jobs', version: 6, status: statusOf({ generation: 6, decision, memory, now: T0 }) };
}

/** Returns the table's cells of the only policy, and the causes below it. */
function shown(row: Row): { cells: string[]; causes: string } {
  const [, line = '', ...causes] = overviewText([row]).split('\n');
  return { cells: line.split(/ {2,}/), causes: causes.map((each) => each.trim()).join(' ') };
}

test('all is well: no cause, no limit', () => {
  const { cells, causes } = shown(rowOf({ visible: 5 }));
  assert.deepEqual(cells.slice(0, 7), ['jobs', '6', 'enforce', 'True', '-', '2/2', '5 + 0']);
  assert.equal(causes, '');
});

test('the queue grows and the count does not: maxWorkers', () => {
  const { cells, causes } = shown(rowOf({ visible: 250, workers: 20 }));
  assert.deepEqual(cells.slice(2, 5), ['enforce', 'False', 'maxWorkers']);
  assert.match(causes, /^MaxWorkersReached: 20 workers; 21 are needed: maxWorkers is 20$/);
});

test('the queue grows and the count does not: paused', () => {
  const { cells, causes } = shown(rowOf({ visible: 250 }, { mode: 'paused' }));
  assert.deepEqual(cells.slice(2, 5), ['paused', 'False', 'paused']);
  assert.match(causes, /^Paused: the policy is paused/);
});

test('the queue grows and the count does not: it cannot be read', () => {
  const { cells, causes } = shown(
    rowOf({ failQueue: { code: 'AccessDenied', message: 'x'.repeat(90), hint: 'grant it' } }),
  );
  assert.deepEqual(cells.slice(2, 5), ['enforce', 'False', '-']);
  assert.match(causes, /^AccessDenied: queue: x+ \(grant it\)$/, 'told once, with what to do');
});

test('the queue grows and the count does not: observe mode', () => {
  const { cells } = shown(rowOf({ visible: 250 }, { mode: 'observe' }));
  assert.deepEqual(cells.slice(2, 4), ['observe', 'True']);
});

test('a change that was only told says would', () => {
  const policy = policyOf({}, { mode: 'observe' }, 6);
  const { decision, memory } = decide(policy, look({ visible: 50 }), memoryOf(), T0);
  const record = { at: T0, from: 2, to: 4, would: true as const };
  const status = statusOf({ generation: 6, decision, memory: { ...memory, lastScaleUp: record }, now: T0 });
  assert.match(overviewText([{ name: 'jobs', version: 6, status }]), /would 2 -> 4, /);
  assert.match(detailsText({ name: 'jobs', version: 6, status }), /last up would 2 -> 4, .*last down never/);
});

test('long causes go on in the next line, and no word is lost', () => {
  const message = 'one two three four five six seven eight nine ten';
  assert.deepEqual(wrap(message, 19), ['one two three four', 'five six seven', 'eight nine ten']);
  assert.equal(wrap(message, 1).join(' '), message);
  assert.deepEqual(wrap('', 10), ['']);
});

test.run();
