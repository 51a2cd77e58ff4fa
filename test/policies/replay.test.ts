/** Replay: a log of anything that can happen is computed again, decision by decision, and comes out the same. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'uvu';
import { firstDifference, replay } from '../../policies/replay.ts';
import { Board } from '../../reconciler/report/board.ts';
import { createLogger, DecisionLog } from '../../reconciler/report/log.ts';
import { decisionOf, parseRecord } from '../../reconciler/text/log-record.ts';
import { chaosPolicy, experiment, Lab } from '../support/chaos-run.ts';
import { policyOf } from '../support/policy.ts';
import { tickOf } from '../support/tick.ts';

/** The lab's events through the real log and back. */
function recordsOf(it: Lab) {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(...String(chunk).trim().split('\n'));
      done();
    },
  });
  const log = new DecisionLog(createLogger('debug', sink));
  const board = new Board();
  for (const event of it.events) log.report({ event, view: board.apply(event) });
  return lines.flatMap((line) => {
    const record = parseRecord(line);
    const decision = record && decisionOf(record);
    return decision && record.memory ? [{ decision, memory: record.memory }] : [];
  });
}

for (const fault of [
  { type: 'stopTask', count: 2 },
  { type: 'drain', hold: '10s' },
  { type: 'partition', duration: '20s' },
])
  test(`a day with ${fault.type}: every decision is identical`, () => {
    const policy = chaosPolicy({
      ...experiment(fault, { trigger: { every: '3m', jitter: '1m' } }),
      stopWhen: { visible: 80 },
    });
    const it = new Lab();
    it.start(policy);
    for (let i = 0; i < 60; i++) {
      it.aws.visible = (i * 37) % 100;
      it.aws.failReads = i % 13 === 5;
      it.aws.failStatus = i % 7 === 3;
      it.aws.failWrites = i % 11 === 4 ? 'Rate exceeded' : undefined;
      it.pass(30);
    }
    const records = recordsOf(it);
    assert.ok(records.length > 150, `${records.length} decisions`);
    assert.ok(it.ended.length > 2, `${it.ended.length} experiments`);
    for (const recorded of records) {
      const again = replay(recorded, policy);
      assert.equal(again.kind, 'same', JSON.stringify({ ...again, decision: recorded.decision.at }));
    }
  });

test('a decision that was tampered with is found, at its place', () => {
  const { decision, memory } = tickOf({ visible: 50, workers: 2 });
  const again = replay({ decision: { ...decision, policy: 'jobs', desired: 9 }, memory }, policyOf());
  assert.equal(again.kind, 'different');
  assert.deepEqual(again.kind === 'different' && [again.at, again.was, again.is], ['desired', 9, 3]);
});

test('a version that the log does not hold is said, not guessed', () => {
  const { decision, memory } = tickOf();
  assert.equal(replay({ decision, memory }, undefined).kind, 'unknown');
});

test('the first difference is named by its path', () => {
  assert.equal(firstDifference({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, ''), undefined);
  assert.deepEqual(firstDifference({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, ''), { at: 'a[1].b', was: 2, is: 3 });
  assert.deepEqual(firstDifference({ a: 1 }, { a: 1, c: null }, ''), { at: 'c', was: undefined, is: null });
});

test.run();
