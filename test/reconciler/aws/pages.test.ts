/** Listings have an end: one that has none is a failed reading. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { allPages } from '../../../reconciler/aws/pages.ts';

/** Yields pages whose tokens are given; undefined is the last page's. */
async function* pagesWith(
  tokens: Iterable<string | undefined>,
): AsyncGenerator<{ nextToken?: string | undefined }, undefined> {
  for (const nextToken of tokens) yield { nextToken };
  return undefined;
}

function* endless(): Generator<string> {
  for (let i = 0; ; i++) yield `token ${i}`;
}

test('every page is returned, in order', async () => {
  const pages = await allPages('ecs:ListTasks', pagesWith(['a', 'b', undefined]));
  assert.deepEqual(
    pages.map(({ nextToken }) => nextToken),
    ['a', 'b', undefined],
  );
});

test('a listing that goes in a circle, or on for ever, names its call', async () => {
  await assert.rejects(allPages('ecs:ListTasks', pagesWith(['a', 'a', 'a'])), {
    name: 'IncompleteAnswer',
    message: /^ecs:ListTasks: two pages in a row have the same token/,
  });
  await assert.rejects(allPages('ssm:GetParametersByPath', pagesWith(endless())), {
    name: 'IncompleteAnswer',
    message: /^ssm:GetParametersByPath: after 500 pages there is still a token/,
  });
});

test.run();
