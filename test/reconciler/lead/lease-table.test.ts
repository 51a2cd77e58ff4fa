/** The lease over the embedded DynamoDB: the calls, and several processes that compete. */
import * as assert from 'node:assert/strict';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { pino } from 'pino';
import { filter, firstValueFrom, map, merge } from 'rxjs';
import { test } from 'uvu';
import { createDynamoDb } from '../../../infra/local/dynamodb/index.ts';
import { startLocalAws } from '../../../infra/local/index.ts';
import { leadByLease } from '../../../reconciler/lead/by-lease.ts';
import type { LeaseItem } from '../../../reconciler/lead/lease.ts';
import { LEASE_KEY, leaseTable } from '../../../reconciler/lead/lease-table.ts';
import { newSelf } from '../../../reconciler/lead/self.ts';

const cloud = await startLocalAws({ port: 0, services: [createDynamoDb()] });
const reach = { endpoint: cloud.url, region: cloud.region, credentials: cloud.rootKey };
const client = new DynamoDBClient(reach);
await client.send(
  new CreateTableCommand({
    TableName: 'leases',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: LEASE_KEY, KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: LEASE_KEY, AttributeType: 'S' }],
  }),
);
const log = pino({ level: 'silent' });
const tableOf = (prefix: string) => leaseTable(reach, 'leases', prefix);
const item = (nonce: string): LeaseItem => ({
  ...{ id: 'prod/1', session: 's', version: '0', nonce, since: 1, lasts: 15_000 },
});

test('each write holds to the nonce that was seen', async () => {
  const table = tableOf('/calls/');
  assert.equal(await table.read(), undefined);
  assert.equal(await table.write(item('a'), undefined), true);
  assert.equal(await table.write(item('b'), undefined), false, 'there is one already');
  assert.equal(await table.write(item('b'), 'other'), false);
  assert.equal(await table.write(item('b'), 'a'), true);
  assert.deepEqual(await table.read(), item('b'));
  assert.equal(await table.remove('a'), false);
  assert.equal(await table.remove('b'), true);
  assert.equal(await table.read(), undefined);
  await assert.rejects(leaseTable(reach, 'nowhere', '/').read(), { name: 'ResourceNotFoundException' });
  table.destroy();
});

test('of three that compete one leads; it hands over on release, and the next one leads', async () => {
  const competing = [1, 2, 3].map((n) => ({
    n,
    table: tableOf('/compete/'),
  }));
  const all = competing.map(({ n, table }) => leadByLease({ self: newSelf(`r${n}`), table, lasts: 3_000, log }));
  const leads = (among: typeof all) =>
    firstValueFrom(
      merge(
        ...among.map((one) =>
          one.role$.pipe(
            filter((role) => role === 'leader'),
            map(() => one),
          ),
        ),
      ),
    );
  const first = await leads(all);
  assert.equal(all.filter((one) => one.mayWrite()).length, 1);
  await first.release();
  assert.equal(first.mayWrite(), false);
  const rest = all.filter((one) => one !== first);
  const second = await leads(rest);
  assert.notEqual(second, first);
  assert.equal(all.filter((one) => one.mayWrite()).length, 1);
  for (const one of rest) await one.release();
  for (const { table } of competing) table.destroy();
});

test('the embedded AWS is closed', async () => {
  client.destroy();
  await cloud.close();
});

test.run();
