/** An encrypted policy stays encrypted, under its own key, whoever stores the next version. */
import assert from 'node:assert/strict';
import { DescribeParametersCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import nock from 'nock';
import { test } from 'uvu';
import { startLocalAws } from '../../../infra/local/index.ts';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { ParameterStore } from '../../../reconciler/aws/parameters.ts';
import { mustStaySecret } from '../../../reconciler/cli/policy/rollback.ts';
import { PolicyStore } from '../../../reconciler/cli/policy-store.ts';
import { storeEdit } from '../../../reconciler/policy-edits.ts';
import { expectCall, offline } from '../../support/aws.ts';

offline();
const PREFIX = '/sluice/policies/';
const Name = `${PREFIX}a`;
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/own';
const SECRET = { Name, Type: 'SecureString', Version: 4, Value: 'x', LastModifiedDate: 1_700_000_000 };
const ASKED = { ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: [Name] }] };
const WRITTEN = { Name, Value: 'y', Type: 'SecureString', Overwrite: true, KeyId: KEY };
const REASON = { text: 'y', ifVersion: 4, reason: 'why' };

/** Runs with calls that nock answers; each expected one must be made, and no other. */
async function withNock(run: (policies: ParameterStore, commands: PolicyStore) => Promise<void>): Promise<void> {
  const aws = createClients({ region: 'us-east-1', maxAttempts: 1 });
  try {
    await run(new ParameterStore(aws, PREFIX), new PolicyStore(aws, PREFIX));
    assert.deepEqual(nock.pendingMocks(), [], 'every expected call was made');
  } finally {
    nock.cleanAll();
    aws.destroy();
  }
}

const keyIs = (KeyId: string | undefined) =>
  expectCall('ssm', 'DescribeParameters', ASKED, { Parameters: [{ Name, Type: 'SecureString', KeyId }] });

test('commands send the type and the key that stand there', () =>
  withNock(async (_, commands) => {
    keyIs(KEY);
    expectCall('ssm', 'PutParameter', WRITTEN, { Version: 5 });
    assert.equal(await commands.put('a', 'y', { base: { type: 'SecureString' } }), 5);
  }));

test('so does the page', () =>
  withNock(async (policies) => {
    expectCall('ssm', 'GetParameter', { Name, WithDecryption: true }, { Parameter: SECRET });
    keyIs(KEY);
    expectCall('ssm', 'PutParameter', { ...WRITTEN, Description: 'why' }, { Version: 5 });
    assert.deepEqual(await storeEdit(policies, 'a', REASON), { kind: 'stored', version: 5 });
  }));

test('the key may stand on a later page of the answer', () =>
  withNock(async (_, commands) => {
    expectCall('ssm', 'DescribeParameters', ASKED, { Parameters: [], NextToken: 't' });
    expectCall(
      'ssm',
      'DescribeParameters',
      { ...ASKED, NextToken: 't' },
      { Parameters: [{ Name, Type: 'SecureString', KeyId: KEY }] },
    );
    expectCall('ssm', 'PutParameter', WRITTEN, { Version: 5 });
    await commands.put('a', 'y', { base: { type: 'SecureString' } });
  }));

test('without the permission nothing is stored, and the words say which one is missing', () =>
  withNock(async (policies, commands) => {
    const user = 'arn:aws:iam::123456789012:user/ann';
    const message = `User: ${user} is not authorized to perform: ssm:DescribeParameters on resource: *`;
    for (let call = 0; call < 2; call++)
      expectCall('ssm', 'DescribeParameters', ASKED, { __type: 'AccessDeniedException', message }, 400);
    await assert.rejects(commands.put('a', 'y', { base: { type: 'SecureString' } }), {
      message: `ssm:PutParameter: ${Name} is a SecureString, and its key cannot be read, so nothing was stored: ssm:DescribeParameters is not allowed: ${message}`,
      hint: /^grant ssm:DescribeParameters to whoever stores this parameter/,
    });
    expectCall('ssm', 'GetParameter', { Name, WithDecryption: true }, { Parameter: SECRET });
    const stored = await storeEdit(policies, 'a', REASON);
    assert.equal(stored.kind === 'failed' && stored.failure.code, 'KeyNotKnown');
  }));

for (const [name, parameters] of Object.entries({
  'no parameter': [],
  'no key': [{ Name, Type: 'SecureString' }],
  'another type': [{ Name, Type: 'String' }],
  'another parameter': [{ Name: `${Name}b`, Type: 'SecureString', KeyId: KEY }],
}))
  test(`an answer with ${name} stores nothing`, () =>
    withNock(async (_, commands) => {
      expectCall('ssm', 'DescribeParameters', ASKED, { Parameters: parameters });
      await assert.rejects(
        commands.put('a', 'y', { base: { type: 'SecureString' } }),
        /Error: ssm:DescribeParameters: /,
      );
    }));

test('a new policy, and one that is plain text, need no further permission', () =>
  withNock(async (_, commands) => {
    for (const [base, Overwrite] of [[undefined, false] as const, [{ type: 'String' as const }, true] as const]) {
      expectCall('ssm', 'PutParameter', { Name, Value: 'y', Type: 'String', Overwrite }, { Version: 1 });
      await commands.put('a', 'y', { base });
    }
  }));

test('a rollback from plain text to an encrypted version is refused', () => {
  const refused = () => mustStaySecret({ name: 'a', version: 5, type: 'String' }, { version: 3, type: 'SecureString' });
  assert.throws(refused, /version 3 was stored encrypted .*, version 5 is plain text \(String\); nothing was stored/);
  mustStaySecret({ name: 'a', version: 5, type: 'SecureString' }, { version: 3, type: 'SecureString' });
  mustStaySecret({ name: 'a', version: 5, type: 'SecureString' }, { version: 3, type: 'String' });
});

test('on the embedded SSM the type and the key stay, through commands and the page', async () => {
  nock.enableNetConnect('127.0.0.1');
  const cloud = await startLocalAws({ port: 0, services: [] });
  const { accessKeyId, secretAccessKey } = cloud.rootKey;
  process.env.AWS_ACCESS_KEY_ID = accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = secretAccessKey;
  const aws = createClients({ endpoint: cloud.url, region: cloud.region });
  const ssm = new SSMClient({
    endpoint: cloud.url,
    region: cloud.region,
    credentials: { accessKeyId, secretAccessKey },
  });
  try {
    await ssm.send(new PutParameterCommand({ Name, Value: 'one', Type: 'SecureString', KeyId: 'alias/own' }));
    const commands = new PolicyStore(aws, PREFIX);
    await commands.put('a', 'two', { base: await commands.get('a') });
    const edit = { text: 'three', ifVersion: 2, reason: 'why' };
    assert.deepEqual(await storeEdit(new ParameterStore(aws, PREFIX), 'a', edit), { kind: 'stored', version: 3 });
    const { Parameters } = await ssm.send(new DescribeParametersCommand(ASKED));
    assert.deepEqual(
      Parameters?.map(({ Type, KeyId, Version }) => [Type, KeyId, Version]),
      [['SecureString', 'alias/own', 3]],
    );
    const shown = await ssm.send(new GetParameterCommand({ Name }));
    assert.doesNotMatch(shown.Parameter?.Value ?? '', /three/);
    assert.equal((await commands.get('a')).text, 'three');
  } finally {
    aws.destroy();
    ssm.destroy();
    await cloud.close();
  }
});

test.run();
