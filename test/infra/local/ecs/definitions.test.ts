import assert from 'node:assert/strict';
import { test } from 'uvu';
import { codeOf } from '../support.ts';
import { ecsHarness } from './harness.ts';

test('task definitions: revisions, deregistering, lists', async () => {
  const h = await ecsHarness();
  const first = await h.define(
    'a',
    {},
    { cpu: '.5 vCPU'.replace('.5', '0.5'), memory: '1 GB', tags: [{ key: 'k', value: 'v' }] },
  );
  const second = await h.define('a');
  await h.define('b');
  assert.match(second, /task-definition\/a:2$/);
  const { taskDefinition, tags } = await h.call('DescribeTaskDefinition', { taskDefinition: 'a:1', include: ['TAGS'] });
  assert.equal(taskDefinition.cpu, '0.5 vCPU');
  assert.deepEqual(tags, [{ key: 'k', value: 'v' }]);
  assert.deepEqual((await h.call('ListTaskDefinitions', { familyPrefix: 'a', sort: 'DESC' })).taskDefinitionArns, [
    second,
    first,
  ]);
  assert.deepEqual((await h.call('ListTaskDefinitionFamilies', {})).families, ['a', 'b']);
  await h.call('DeregisterTaskDefinition', { taskDefinition: 'a:2' });
  assert.equal((await h.call('DescribeTaskDefinition', { taskDefinition: 'a' })).taskDefinition.revision, 1);
  assert.equal(await codeOf(h.call('RunTask', { cluster: 'c', taskDefinition: 'a:2' })), 'ClientException');
  assert.deepEqual((await h.call('ListTaskDefinitions', { status: 'INACTIVE' })).taskDefinitionArns, [second]);
});

test('tags of every kind of resource', async () => {
  const h = await ecsHarness();
  const service = await h.serve(1, { propagateTags: 'SERVICE', tags: [{ key: 'team', value: 'x' }] });
  const [task] = await h.tasks();
  assert.deepEqual(task.tags, [{ key: 'team', value: 'x' }]);
  for (const resourceArn of [service.serviceArn, task.taskArn, service.taskDefinition, service.clusterArn]) {
    await h.call('TagResource', { resourceArn, tags: [{ key: 'k', value: 'v' }] });
    assert.ok(
      (await h.call('ListTagsForResource', { resourceArn })).tags.some((tag: { key: string }) => tag.key === 'k'),
    );
    await h.call('UntagResource', { resourceArn, tagKeys: ['k', 'team'] });
    assert.deepEqual((await h.call('ListTagsForResource', { resourceArn })).tags, []);
  }
  assert.equal(
    await codeOf(h.call('ListTagsForResource', { resourceArn: `${service.serviceArn}x` })),
    'ResourceNotFoundException',
  );
});

test.run();
