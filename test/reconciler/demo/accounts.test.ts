/** Jobs are counted by run and number, so that no message of another sender can hide a loss. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { accountsOf } from '../../../reconciler/demo/accounts.ts';
import { Ledger } from '../../../reconciler/demo/ledger.ts';

const job = (id: number, run = 'a1'): string => JSON.stringify({ run, id, seconds: 1, sentAt: 1 });
const ids = (...list: number[]): Set<number> => new Set(list);

test('each job is processed, unfinished or lost', () => {
  const evidence = { run: 'a1', sent: ids(1, 2, 3, 4), processed: ids(1), bodies: [job(2), job(3)] };
  assert.deepEqual(accountsOf(evidence), { sent: 4, processed: 1, unfinished: 2, lost: 1, others: 0 });
});

test('messages of others and of earlier runs neither hide a loss nor make one', () => {
  const bodies = [job(2, 'b2'), job(3, 'b2'), 'hello', '{"id":2}', job(1)];
  const evidence = { run: 'a1', sent: ids(1, 2), processed: ids(1), bodies };
  assert.deepEqual(accountsOf(evidence), { sent: 2, processed: 1, unfinished: 0, lost: 1, others: 4 });
});

test('a job whose acceptance was not heard of counts as sent once it is done', () => {
  const evidence = { run: 'a1', sent: ids(1), processed: ids(1, 2), bodies: [] };
  assert.deepEqual(accountsOf(evidence), { sent: 2, processed: 2, unfinished: 0, lost: 0, others: 0 });
});

test('whatever is found, no number is negative and the sum is whole', () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 30 }));
  const bodies = fc.array(
    fc.oneof(
      fc.integer({ min: 1, max: 30 }).map((id) => job(id)),
      fc.string(),
    ),
  );
  fc.assert(
    fc.property(numbers, numbers, bodies, (sent, processed, found) => {
      const a = accountsOf({ run: 'a1', sent: ids(...sent), processed: ids(...processed), bodies: found });
      assert.ok(Object.values(a).every((count) => count >= 0));
      assert.equal(a.processed + a.unfinished + a.lost, a.sent);
    }),
  );
});

test('results: own ones once, repeats as duplicates, everything else as others', () => {
  const ledger = new Ledger(createClients({ region: 'us-east-1' }), 'http://127.0.0.1:9/q', 'a1');
  const result = (id: number, run = 'a1') => JSON.stringify({ run, id, sentAt: 1_000, firstReceivedAt: 3_000 });
  for (const body of [result(1), result(2), result(1), result(1, 'b2'), '', '{', 'null', '[]', '{"run":"a1"}'])
    ledger.count(body);
  assert.deepEqual([[...ledger.processed], ledger.duplicates, ledger.others], [[1, 2], 1, 6]);
  assert.deepEqual(ledger.waits(), { p50: 2, p95: 2, p99: 2 });
});

test.run();
