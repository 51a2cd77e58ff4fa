import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { ParameterChange } from '../../../infra/local/context.ts';
import { NO_KEEPER } from '../../../infra/local/service.ts';
import { compacted, inMemory } from './kept.ts';
import { codeOf, errorOf, harness } from './support.ts';

function ssm() {
  const h = harness();
  const put = (Name: string, Value: string, more: object = {}) =>
    h.ssmCall('PutParameter', { Name, Value, Type: 'String', ...more });
  const get = async (Name: string, more: object = {}) => (await h.ssmCall('GetParameter', { Name, ...more })).Parameter;
  return { ...h, put, get, call: h.ssmCall };
}

test('versions count up, and names select one by number or label', async () => {
  const { call, get, put } = ssm();
  assert.deepEqual(await put('/a', '1'), { Version: 1, Tier: 'Standard' });
  assert.equal(await codeOf(put('/a', '2')), 'ParameterAlreadyExists');
  assert.equal((await put('/a', '2', { Overwrite: true })).Version, 2);
  await call('LabelParameterVersion', { Name: '/a', ParameterVersion: 1, Labels: ['live'] });
  assert.equal((await get('/a')).Value, '2');
  assert.deepEqual(await get('/a:1'), {
    Name: '/a',
    Type: 'String',
    Value: '1',
    Version: 1,
    Selector: ':1',
    LastModifiedDate: 1_700_000_000,
    ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/a',
    DataType: 'text',
  });
  assert.equal((await get('/a:live')).Value, '1');
  assert.equal((await get('arn:aws:ssm:us-east-1:000000000000:parameter/a:live')).Value, '1');
  assert.equal(await codeOf(get('/a:9')), 'ParameterVersionNotFound');
  assert.equal(await codeOf(get('/a:none')), 'ParameterVersionNotFound');
  assert.equal(await codeOf(get('/b')), 'ParameterNotFound');
});

test('a SecureString is not readable without decryption, nor in the state', async () => {
  const kept = inMemory();
  const { get, put, ssm: service } = ssm();
  service.persistent.restore(new Map(), kept.keeper);
  await put('/s', 'geheim', { Type: 'SecureString' });
  assert.doesNotMatch((await get('/s')).Value, /geheim/);
  assert.equal((await get('/s', { WithDecryption: true })).Value, 'geheim');
  for (const entities of [kept.entities(), compacted(service.persistent)]) {
    assert.doesNotMatch(JSON.stringify([...entities]), /geheim/);
    const other = ssm();
    other.ssm.persistent.restore(entities, NO_KEEPER);
    assert.equal((await other.get('/s', { WithDecryption: true })).Value, 'geheim');
  }
});

test('a String becomes a SecureString; no other type changes, and a put without a type keeps it', async () => {
  const { call, get, put } = ssm();
  const type = async (name: string) => (await get(name)).Type;
  await put('/a', '1');
  await put('/a', '2', { Type: 'SecureString', KeyId: 'alias/own', Overwrite: true });
  assert.deepEqual([await type('/a'), await type('/a:1')], ['SecureString', 'String']);
  await put('/a', '3', { Type: undefined, Overwrite: true });
  assert.equal(await type('/a'), 'SecureString');
  const { Parameters } = await call('DescribeParameters', {
    ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: ['/a'] }],
  });
  assert.equal(Parameters[0].KeyId, 'alias/own');
  await put('/l', '1,2', { Type: 'StringList' });
  for (const [name, Type] of [
    ['/a', 'String'],
    ['/a', 'StringList'],
    ['/l', 'String'],
    ['/l', 'SecureString'],
  ] as const)
    assert.equal(await codeOf(put(name, 'x', { Type, Overwrite: true })), 'HierarchyTypeMismatchException', name);
  await put('/s', '1');
  assert.equal(await codeOf(put('/s', 'x', { Type: 'StringList', Overwrite: true })), 'HierarchyTypeMismatchException');
});

test('sizes and tiers', async () => {
  const { put } = ssm();
  await put('/a', 'x'.repeat(4096));
  const error = await errorOf(put('/b', 'x'.repeat(4097)));
  assert.equal(error.code, 'ValidationException');
  assert.match(error.message, /Standard tier parameters support a maximum parameter value of 4096 characters/);
  assert.equal(await codeOf(put('/b', 'é'.repeat(2049))), 'ValidationException');
  assert.equal((await put('/c', 'x'.repeat(8192), { Tier: 'Advanced' })).Tier, 'Advanced');
  assert.equal(await codeOf(put('/d', 'x'.repeat(8193), { Tier: 'Advanced' })), 'ValidationException');
  assert.equal((await put('/e', 'x'.repeat(4097), { Tier: 'Intelligent-Tiering' })).Tier, 'Advanced');
  assert.equal((await put('/f', 'x', { Tier: 'Intelligent-Tiering' })).Tier, 'Standard');
  assert.equal((await put('/c', 'x', { Overwrite: true })).Tier, 'Advanced');
  assert.equal(await codeOf(put('/c', 'x', { Overwrite: true, Tier: 'Standard' })), 'ValidationException');
});

test('what PutParameter refuses', async () => {
  const { call, put } = ssm();
  for (const name of ['', 'a b', '/a//b', '/a/', 'a/b', 'ssm-x', '/ssm/x', 'x:1'])
    assert.equal(await codeOf(put(name, 'x')), 'ValidationException', name);
  assert.equal(await codeOf(put('/aws/x', 'x')), 'AccessDeniedException');
  assert.equal(await codeOf(put('/a'.repeat(16), 'x')), 'HierarchyLevelLimitExceededException');
  await put('/a'.repeat(15), 'x');
  for (const value of ['', '{{x}}', ' {{ssm:x}} '])
    assert.equal(await codeOf(put('/v', value)), 'ValidationException', value);
  await put('/v', 'a {{x}} b');
  assert.equal(await codeOf(put('/w', 'x', { Type: 'Strange' })), 'ValidationException');
  assert.equal(await codeOf(put('/w', 'x', { Tier: 'Gold' })), 'ValidationException');
  assert.equal(await codeOf(put('/w', 'x', { DataType: 'nope' })), 'ValidationException');
  assert.equal(await codeOf(put('/w', 'x', { AllowedPattern: '^\\d+$' })), 'ParameterPatternMismatchException');
  assert.equal(await codeOf(put('/w', 'x', { AllowedPattern: '(' })), 'InvalidAllowedPatternException');
  assert.equal(await codeOf(call('PutParameter', { Name: '/w', Value: 'x' })), 'ValidationException');
  const Tags = [{ Key: 'a', Value: 'b' }];
  assert.equal(await codeOf(put('/w', 'x', { Overwrite: true, Tags })), 'ValidationException');
});

test('GetParameters: what is there and what is not', async () => {
  const { call, put } = ssm();
  await put('/a', '1');
  const reply = await call('GetParameters', { Names: ['/a', '/b', '/a:7'] });
  assert.equal(reply.Parameters.length, 1);
  assert.deepEqual(reply.InvalidParameters, ['/b', '/a:7']);
  const Names = Array.from({ length: 11 }, (_, i) => `/n${i}`);
  assert.equal(await codeOf(call('GetParameters', { Names })), 'ValidationException');
});

test('GetParametersByPath: depth, pages, filters', async () => {
  const { call, put } = ssm();
  for (const name of ['/p/a', '/p/b/c', '/p/b/d', '/px', 'flat']) await put(name, 'x');
  const names = async (input: Record<string, unknown>) => {
    const reply = await call('GetParametersByPath', input);
    return [reply.Parameters.map((p: { Name: string }) => p.Name).join(' '), reply.NextToken];
  };
  assert.deepEqual(await names({ Path: '/p' }), ['/p/a', undefined]);
  assert.deepEqual(await names({ Path: '/p/' }), ['/p/a', undefined]);
  const [first, token] = await names({ Path: '/p', Recursive: true, MaxResults: 2 });
  assert.equal(first, '/p/a /p/b/c');
  assert.deepEqual(await names({ Path: '/p', Recursive: true, MaxResults: 2, NextToken: token }), [
    '/p/b/d',
    undefined,
  ]);
  assert.equal(await codeOf(names({ Path: '/p', MaxResults: 11 })), 'ValidationException');
  assert.equal(await codeOf(names({ Path: 'p' })), 'ValidationException');
  assert.equal(await codeOf(names({ Path: '/p', NextToken: 'x' })), 'InvalidNextToken');
  await put('/p/a', 'new', { Overwrite: true });
  await call('LabelParameterVersion', { Name: '/p/a', ParameterVersion: 1, Labels: ['live'] });
  const ParameterFilters = [{ Key: 'Label', Values: ['live'] }];
  const labelled = await call('GetParametersByPath', { Path: '/p', ParameterFilters });
  assert.deepEqual(
    labelled.Parameters.map((p: { Value: string }) => p.Value),
    ['x'],
  );
});

test('labels move, are limited to ten, and hold the oldest of 100 versions', async () => {
  const { call, put } = ssm();
  await put('/a', '0');
  const label = (ParameterVersion: number, ...Labels: string[]) =>
    call('LabelParameterVersion', { Name: '/a', ParameterVersion, Labels });
  assert.deepEqual(await label(1, 'ok', '1no', 'aws.no'), { InvalidLabels: ['1no', 'aws.no'], ParameterVersion: 1 });
  const nine = Array.from({ length: 9 }, (_, i) => `l${i}`);
  await label(1, ...nine);
  assert.equal(await codeOf(label(1, 'eleventh')), 'ParameterVersionLabelLimitExceeded');
  for (let i = 1; i < 100; i++) await put('/a', `${i}`, { Overwrite: true });
  assert.equal(await codeOf(put('/a', 'full', { Overwrite: true })), 'ParameterMaxVersionLimitExceeded');
  await label(100, 'ok', ...nine);
  await put('/a', 'room', { Overwrite: true });
  assert.equal(await codeOf(call('GetParameter', { Name: '/a:1' })), 'ParameterVersionNotFound');
  const first = await call('GetParameterHistory', { Name: '/a', MaxResults: 50 });
  assert.equal(first.Parameters[0].Version, 2);
  const second = await call('GetParameterHistory', { Name: '/a', MaxResults: 50, NextToken: first.NextToken });
  assert.equal(second.Parameters.at(-1).Version, 101);
  assert.equal(second.NextToken, undefined);
  const off = await call('UnlabelParameterVersion', { Name: '/a', ParameterVersion: 100, Labels: ['ok', 'never'] });
  assert.deepEqual(off, { RemovedLabels: ['ok'], InvalidLabels: ['never'] });
});

test('DescribeParameters and tags', async () => {
  const { call, put } = ssm();
  await put('/a', '1', { Tags: [{ Key: 'team', Value: 'red' }], Description: 'd' });
  await put('/b', '2', { Type: 'SecureString' });
  const names = async (...ParameterFilters: object[]) =>
    (await call('DescribeParameters', { ParameterFilters })).Parameters.map((p: { Name: string }) => p.Name).join(' ');
  assert.equal(await names(), '/a /b');
  assert.equal(await names({ Key: 'tag:team', Values: ['red'] }), '/a');
  assert.equal(await names({ Key: 'tag:constructor', Values: ['x'] }), '');
  assert.equal(await names({ Key: 'Type', Values: ['SecureString'] }), '/b');
  assert.equal(await names({ Key: 'Name', Option: 'Contains', Values: ['b'] }), '/b');
  assert.equal(await names({ Key: 'Path', Option: 'Recursive', Values: ['/'] }), '/a /b');
  assert.equal(await codeOf(names({ Key: 'Color', Values: ['x'] })), 'InvalidFilterKey');
  assert.equal(await codeOf(names({ Key: 'Tier', Option: 'Contains', Values: ['x'] })), 'InvalidFilterOption');
  const tagged = { ResourceType: 'Parameter', ResourceId: '/a' };
  await call('AddTagsToResource', { ...tagged, Tags: [{ Key: 'x', Value: 'y' }] });
  await call('RemoveTagsFromResource', { ...tagged, TagKeys: ['team'] });
  assert.deepEqual(await call('ListTagsForResource', tagged), { TagList: [{ Key: 'x', Value: 'y' }] });
});

test('deletes, and who listens is told of each change', async () => {
  const { call, put, ssm: service } = ssm();
  const seen: ParameterChange[] = [];
  const stop = service.onParameterChange((change) => seen.push(change));
  await put('/a', '1');
  await put('/a', '2', { Overwrite: true });
  await call('LabelParameterVersion', { Name: '/a', Labels: ['l'] });
  assert.deepEqual(await call('DeleteParameters', { Names: ['/a', '/b'] }), {
    DeletedParameters: ['/a'],
    InvalidParameters: ['/b'],
  });
  stop();
  await put('/c', '1');
  assert.equal(await codeOf(call('DeleteParameter', { Name: '/a' })), 'ParameterNotFound');
  assert.deepEqual(
    seen.map((change) => change.operation),
    ['Create', 'Update', 'LabelParameterVersion', 'Delete'],
  );
});

test.run();
