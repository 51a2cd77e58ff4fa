/** The counters of the kill test have teeth, and take the status of a run for no fault. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { Injections } from './injections.ts';
import { Intents } from './intents.ts';
import { flagOf, type Lane, statusOf } from './lanes.ts';
import type { Call } from './proxy.ts';

const lane: Lane = { name: 'jobs', scene: 'processingFlag', prefix: '/sluice/' };
const START = '2026-11-25T04:09:04.321Z';
const PAUSED = 'paused until 2026-11-25T04:09:09.321Z';

const put = (Name: string, Value: string): Call => ({
  operation: 'PutParameter',
  body: JSON.stringify({ Name, Value, Type: 'String', Overwrite: true }),
});
const flag = (value: string): Call => put(flagOf(lane), value);

/** A status as Sluice stores it: a run that is under way quotes the flag and the value that it takes back. */
function statusText(phase: string, timeline: Record<string, number> = {}, verdict?: string): string {
  const inverse = [{ kind: 'SetFlag', parameter: flagOf(lane), value: 'running', onlyIf: PAUSED }];
  const run = { id: 'r1', experiment: 'x', fault: 'partition', phase, startedAt: START, timeline, verdict };
  return JSON.stringify({ experiments: [{ ...run, ...(phase === 'ended' ? {} : { inverse }) }] });
}
const status = (phase: string): Call => put(statusOf(lane), statusText(phase));

function countOf(calls: readonly Call[], of = lane): number {
  const injections = new Injections();
  for (const call of calls) injections.note(of, call);
  return injections.count(of);
}

test('a run that pauses the workers once counts once, whatever its status quotes', () => {
  const calls = [status('injecting'), flag(PAUSED), status('active'), flag('running'), status('reverting')];
  assert.equal(countOf([...calls, status('ended')]), 1);
});

test('an intent that was never carried out counts as no injection', () => {
  assert.equal(countOf([status('injecting'), status('reverting'), status('ended')]), 0);
});

test('a flag that is set again after its revert counts twice; the same write sent again does not', () => {
  assert.equal(countOf([flag(PAUSED), status('reverting'), flag(PAUSED)]), 1);
  assert.equal(countOf([flag(PAUSED), flag('running'), status('reverting'), flag(PAUSED)]), 2);
});

test('a queue that is cut off again after its revert counts twice', () => {
  const queue: Lane = { ...lane, scene: 'queuePolicy' };
  const policy = (text: string): Call => ({ operation: 'SetQueueAttributes', body: text });
  assert.equal(countOf([policy('Deny'), policy('Allow'), policy('Deny')], queue), 2);
});

test('a stored intent stays open until the status tells of its revert', () => {
  const intents = new Intents();
  intents.note(lane, flag(PAUSED));
  assert.deepEqual(intents.open(lane, undefined), []);
  intents.note(lane, status('injecting'));
  assert.deepEqual(intents.open(lane, undefined), ['r1'], 'a lost status loses the intent');
  assert.deepEqual(intents.open(lane, statusText('reverting', { removed: 1 })), ['r1']);
  assert.deepEqual(intents.open(lane, statusText('ended', { ended: 1 })), ['r1']);
  assert.deepEqual(intents.open(lane, statusText('ended', { ended: 1, reverted: 1.7 })), []);
  assert.equal(intents.interrupted(lane, statusText('ended', {}, 'interrupted')), 1);
  assert.equal(intents.interrupted(lane, statusText('ended', {}, 'passed')), 0);
});

test.run();
