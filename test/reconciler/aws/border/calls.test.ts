/** The table of calls is that of the source. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { CALLS } from '../../../../reconciler/aws/border/calls.ts';

const root = fileURLToPath(new URL('../../../../reconciler', import.meta.url));

test('the table holds each call that the source makes, and no other', () => {
  const made = ['aws', 'observe', 'watch', 'act', 'report'].flatMap((room) =>
    readdirSync(join(root, room), { encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const text = readFileSync(join(root, room, name), 'utf8');
        return [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-(\w+)'/g)].flatMap(([, names, service]) =>
          [...(names ?? '').matchAll(/(?<!type )\b(?:paginate(\w+)|(\w+)Command)\b/g)].map(
            ([, paged, single]) => `${service}:${paged ?? single}`,
          ),
        );
      }),
  );
  const told = CALLS.map(({ service, operation }) => `${service}:${operation}`);
  assert.deepEqual([...new Set(made)].sort(), [...told].sort());
});

test.run();
