/** Who may import whom; see docs/ARCHITECTURE.md. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';

const root = fileURLToPath(new URL('../..', import.meta.url));

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

/** Relative imports of a file, as paths from the root, and packages by name. */
function importsOf(file: string): { own: string[]; packages: string[] } {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [...text.matchAll(/^(?:import|export)[^;'`]*?from '([^']+)';$|import\('([^']+)'\)/gm)].map(
    (m) => (m[1] ?? m[2])!,
  );
  return {
    own: found.filter((name) => name.startsWith('.')).map((name) => relative(root, join(root, dirname(file), name))),
    packages: found.filter((name) => !name.startsWith('.')),
  };
}

/** [whose files, what they must not import] */
const rules: [string, RegExp][] = [
  ['policies', /^(reconciler|infra|examples|test)\//],
  ['infra/local', /^(policies|reconciler|examples|test)\//],
  ['infra', /^(reconciler|examples|test)\//],
  ['examples', /^(policies|reconciler|infra|test)\//],
  ['reconciler/observe', /^reconciler\/(watch|act|report|http|cli|pipeline|main)/],
  ['reconciler/act', /^reconciler\/(watch|observe|report|http|cli|pipeline|main)/],
  ['reconciler/watch', /^reconciler\/(observe|act|report|http|cli|pipeline|main)/],
  ['reconciler/report', /^reconciler\/(watch|observe|act|http|cli|main)/],
  ['reconciler/http', /^reconciler\/(watch|observe|act|cli|main)/],
];

for (const [folder, forbidden] of rules)
  test(`${folder} imports nothing of ${forbidden.source}`, () => {
    const files = sources(folder);
    assert.ok(files.length > 0, `${folder} holds no source`);
    for (const file of files)
      for (const name of importsOf(file).own) assert.ok(!forbidden.test(name), `${file} imports ${name}`);
  });

test('only sluice up knows the embedded AWS', () => {
  for (const file of sources('reconciler'))
    for (const name of importsOf(file).own)
      assert.ok(!name.startsWith('infra/') || file === 'reconciler/cli/up.ts', `${file} imports ${name}`);
});

test('policies are pure: no I/O, no clock, no chance, no rxjs', () => {
  for (const file of sources('policies')) {
    for (const name of importsOf(file).packages)
      assert.ok(['zod', 'yaml', 'croner'].includes(name), `${file} imports ${name}`);
    const text = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    assert.doesNotMatch(
      text,
      /Date\.now|new Date\(\)|Math\.random|performance\.now|setTimeout|process\.|console\./,
      file,
    );
  }
});

test.run();
