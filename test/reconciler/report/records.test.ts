/** Decisions kept for the replay of an edit: whole, sampled, bounded. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { Board } from '../../../reconciler/report/board.ts';
import { Records } from '../../../reconciler/report/records.ts';
import { T0 } from '../../support/policy.ts';
import { tickOf } from '../../support/tick.ts';

const tell = (records: Records, event: Parameters<Board['apply']>[0]) =>
  records.report({ event, view: new Board().viewOf(event) });
const timesOf = (records: Records, name = 'jobs') => [...records.of(name)].map(({ decision }) => decision.at - T0);

test('quiet decisions are sampled, those with writes are all kept, and the newest is always there', () => {
  const records = new Records();
  for (let i = 0; i <= 12; i++) tell(records, tickOf({ at: T0 + i * 1_000 }));
  tell(records, { ...tickOf({ at: T0 + 13_000 }), actions: [{ kind: 'UpdateService', desiredCount: 3, from: 2 }] });
  tell(records, tickOf({ at: T0 + 14_000 }));
  assert.deepEqual(timesOf(records), [0, 10_000, 13_000, 14_000]);
});

test('a record comes back as it was', () => {
  const records = new Records();
  const tick = tickOf({ at: T0, visible: 9 });
  tell(records, tick);
  assert.deepEqual([...records.of('jobs')], [{ decision: tick.decision, memory: tick.memory }]);
});

test('room is made by the policy with the most, and six hours is the end', () => {
  const records = new Records(30_000);
  tell(records, tickOf({ at: T0, name: 'small' }));
  for (let i = 0; i < 200; i++) tell(records, tickOf({ at: T0 + i * 10_000, name: 'large' }));
  assert.equal(timesOf(records, 'small').length, 1);
  assert.ok(timesOf(records, 'large').length < 200);
  const long = new Records();
  tell(long, tickOf({ at: T0 }));
  tell(long, tickOf({ at: T0 + 7 * 3_600_000 }));
  assert.equal(timesOf(long).length, 1);
});

test('a deleted policy is forgotten', () => {
  const records = new Records();
  tell(records, tickOf({ at: T0 }));
  tell(records, { kind: 'spec', change: { kind: 'deleted', name: 'jobs' } });
  assert.deepEqual(timesOf(records), []);
});

test.run();
