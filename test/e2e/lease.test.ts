/** Real processes over one lease: killed, frozen, told to end. The embedded AWS counts who writes. */
import * as assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { test } from 'uvu';
import { createDynamoDb } from '../../infra/local/dynamodb/index.ts';
import { startLocalAws } from '../../infra/local/index.ts';
import { LEASE_KEY } from '../../reconciler/lead/lease-table.ts';
import { until } from '../support/until.ts';
import { SLUICE } from '../support/up.ts';

/** The names of the processes in the order of their heartbeats, without repetitions. */
const acted: string[] = [];
const cloud = await startLocalAws({
  port: 0,
  services: [createDynamoDb()],
  onCall: ({ action, input, error }) => {
    const name = action === 'PutParameter' && !error && /"id":"(\w+)\//.exec(String(input.Value))?.[1];
    if (name && acted.at(-1) !== name) acted.push(name);
  },
});
const { region, rootKey } = cloud;
const client = new DynamoDBClient({ endpoint: cloud.url, region, credentials: rootKey });
await client.send(
  new CreateTableCommand({
    TableName: 'leases',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: LEASE_KEY, KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: LEASE_KEY, AttributeType: 'S' }],
  }),
);
const children: ChildProcess[] = [];

function start(id: string) {
  const env = {
    ...{ ...process.env, AWS_ENDPOINT_URL: cloud.url, AWS_REGION: region },
    ...{ AWS_ACCESS_KEY_ID: rootKey.accessKeyId, AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey },
  };
  const flags = ['--port', '0', '--lease-table', 'leases', '--lease-duration', '6s', '--id', id];
  const child = spawn(process.execPath, [SLUICE, 'run', ...flags], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      output += data.toString();
    });
  const says = (words: RegExp, from = 0) =>
    until(
      `${id}: ${words}`,
      () => words.test(output.slice(from)),
      60_000,
      () => output,
    );
  return { child, says, length: () => output.length };
}

test('a standby takes over from a leader that is killed, frozen or told to end', async () => {
  const a = start('a');
  await a.says(/"msg":"leading"/);
  const b = start('b');
  await b.says(/standby: a\//);
  a.child.kill('SIGKILL');
  await b.says(/"msg":"leading"/);
  const c = start('c');
  await c.says(/standby: b\//);
  const before = b.length();
  b.child.kill('SIGSTOP');
  await c.says(/"msg":"leading"/);
  b.child.kill('SIGCONT');
  await b.says(/standby: c\//, before);
  c.child.kill('SIGTERM');
  await c.says(/"msg":"stopped"/);
  await b.says(/"msg":"leading"/, before);
  await until('the heartbeat of b', () => acted.length >= 4);
  assert.deepEqual(acted, ['a', 'b', 'c', 'b'], 'each acts in its own time only');
});

test('all is closed', async () => {
  for (const child of children) child.kill('SIGKILL');
  client.destroy();
  await cloud.close();
});

test.run();
