/** The lists of sources: a bundle must not read a file that an image is built without, or that makes no build stale. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';

const test = suite('sources');
const root = new URL('../../../', import.meta.url);
/** The build is plain JavaScript, so that any Node can run it; these are its types. */
const { compile } = (await import(String(new URL('infra/image/bundle.js', root)))) as {
  compile: () => Promise<{ metafile: { inputs: Record<string, unknown> } }>;
};
const { SOURCES } = (await import(String(new URL('infra/image/stale.js', root)))) as { SOURCES: string[] };
const read = (name: string): string => readFileSync(fileURLToPath(new URL(name, root)), 'utf8');

let inputs: string[] = [];
test.before(async () => {
  const { metafile } = await compile();
  inputs = Object.keys(metafile.inputs).filter((name) => !name.includes('node_modules/'));
});

const below = (folders: readonly string[], name: string): boolean =>
  folders.some((folder) => name === folder || name.startsWith(`${folder}/`));

test('a change of any file of the bundle makes it stale', () => {
  assert.ok(inputs.length > 100);
  assert.deepEqual(
    inputs.filter((name) => !below(SOURCES, name)),
    [],
  );
});

test('the Dockerfile copies every file of the bundle, and .dockerignore lets it', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) (\S+)$/gm)].flatMap(([, from]) =>
    from!.split(' '),
  );
  const allowed = [...read('.dockerignore').matchAll(/^!(\S+)$/gm)].map(([, name]) => name!);
  for (const list of [copied, allowed])
    assert.deepEqual(
      inputs.filter((name) => !below(list, name)),
      [],
    );
});

test.run();
