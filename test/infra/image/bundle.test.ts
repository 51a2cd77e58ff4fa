/** Builds at the same moment: two starts of a clone after an edit, or `npm pack` beside a running program. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import { run } from '../../support/up.ts';

const test = suite('bundle');
const root = fileURLToPath(new URL('../../..', import.meta.url));

test('builds at the same moment do not disturb one another, and leave no drafts', async () => {
  const build = () => run(process.execPath, ['infra/image/bundle.js'], { cwd: root, env: process.env });
  const ended = await Promise.all([build(), build(), build()]);
  assert.deepEqual(
    ended.map(({ status, stderr }) => [status, stderr]),
    ended.map(() => [0, '']),
  );
  const dist = join(root, 'dist');
  assert.ok(existsSync(join(dist, 'sluice.js')));
  assert.deepEqual(
    readdirSync(dist).filter((name) => name.startsWith('.drafts-')),
    [],
  );
});

test.run();
