/** Who may import whom: the table in docs/ARCHITECTURE.md is the rule, and this test reads it there. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';

const root = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['policies', 'reconciler', 'infra', 'examples'];

interface Room {
  /** A folder, such as `policies/model`. */
  name: string;
  /** Rooms below it in the table that it may import, apart from itself. */
  imports: string[];
  /** Packages that it may import; undefined allows all. */
  packages: string[] | undefined;
}

/** The rows of the table "Who may import whom", top floor first. */
function rooms(): Room[] {
  const text = readFileSync(join(root, 'docs/ARCHITECTURE.md'), 'utf8');
  const table = /## Who may import whom\n([\s\S]*?)\n## /.exec(text)?.[1] ?? '';
  const names = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
  return [...table.matchAll(/^\| `([^`]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)].map(([, name, , imports, packages]) => ({
    name: name!,
    imports: names(imports!),
    packages: /any/.test(packages!) ? undefined : names(packages!),
  }));
}

const table = rooms();
const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|js)$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name)),
);
const graph = new Map(files.map((file) => [file, importsOf(file)]));

/** The innermost room that holds a file. */
function roomOf(file: string): Room | undefined {
  return table.filter(({ name }) => file.startsWith(`${name}/`)).sort((a, b) => b.name.length - a.name.length)[0];
}

/** The files that a file imports, as paths from the root, and the packages. Types count: a circle of types is one too. */
function importsOf(file: string): { own: string[]; packages: string[] } {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [...text.matchAll(/^(?:import|export)\b(?:[^;'`]*?\bfrom)? '([^']+)';$|import\('([^']+)'\)/gm)].map(
    (m) => (m[1] ?? m[2])!,
  );
  return {
    own: found.filter((name) => name.startsWith('.')).map((name) => relative(root, join(root, dirname(file), name))),
    packages: found.filter((name) => !name.startsWith('.')),
  };
}

test('every source file lives in a room of the table', () => {
  assert.ok(table.length > 15, `${table.length} rooms were read`);
  for (const file of files) assert.ok(roomOf(file), `${file} is in no room of docs/ARCHITECTURE.md`);
});

test('no room may import a room above it', () => {
  const floor = (name: string): number => table.findIndex((room) => room.name === name);
  for (const { name, imports } of table)
    for (const other of imports) {
      assert.ok(floor(other) >= 0, `${name} may import ${other}, which is no room`);
      assert.ok(floor(other) > floor(name), `${name} stands below ${other} in the table and may import it`);
    }
});

for (const { name, imports, packages } of table)
  test(`${name} imports ${imports.join(', ') || 'no other room'}`, () => {
    const mine = files.filter((file) => roomOf(file)?.name === name);
    assert.ok(mine.length > 0, `${name} holds no source`);
    for (const file of mine) {
      const { own, packages: used } = graph.get(file)!;
      for (const other of own) {
        const room = roomOf(other)?.name ?? other;
        // Files that a bundler or a generator writes are no source.
        if (!graph.has(other)) continue;
        assert.ok(room === name || imports.includes(room), `${file} imports ${other}`);
      }
      for (const used_ of used) assert.ok(!packages || packages.includes(used_), `${file} imports ${used_}`);
    }
  });

test('no file imports itself through others', () => {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (file: string, path: string[]): void => {
    if (state.get(file) === 'done') return;
    const from = path.indexOf(file);
    assert.equal(from, -1, `a circle: ${[...path.slice(from), file].join(' -> ')}`);
    for (const other of graph.get(file)?.own ?? []) visit(other, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
});

test('policies are pure: no clock, no chance, no console', () => {
  for (const file of files.filter((name) => name.startsWith('policies/'))) {
    const text = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    assert.doesNotMatch(
      text,
      /Date\.now|new Date\(\)|Math\.random|performance\.now|setTimeout|process\.|console\./,
      file,
    );
  }
});

test.run();
