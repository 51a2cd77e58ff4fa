/** Keeps what a program can keep of docs/writing.md: how sentences open, links that lead somewhere, records with a status. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const documents = files.filter((file) => file.endsWith('.md') && !file.includes('/golden/'));
/** Text without code blocks, code spans and tables. */
const prose = (file: string): string =>
  read(file)
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .replaceAll(/^\|.*$/gm, '')
    .replaceAll(/`[^`]*`/g, '');

/** Docstrings and comments that open with a noun clause: a reader has to read them twice. */
const NOUN_CLAUSE = /^\s*(\/\*\*|\*|\/\/) (What|The same,) .*$/gm;

test('no comment opens with "What ..." or "The same, ..."', () => {
  const found = files
    .filter((file) => /\.(ts|js)$/.test(file))
    .flatMap((file) => (read(file).match(NOUN_CLAUSE) ?? []).map((line) => `${file}: ${line.trim()}`));
  assert.deepEqual(found, []);
});

test('no sentence of a document opens with "What ..." or "The same, ..."', () => {
  // A heading may ask; a sentence may not.
  const opening = /(?:^|[.!?]\s+)(?:What|The same,) [^\n?]*/gm;
  const found = documents
    .filter((file) => !file.endsWith('docs/writing.md'))
    .flatMap((file) =>
      (prose(file).replaceAll(/^#.*$/gm, '').match(opening) ?? []).map((text) => `${file}: ${text.trim()}`),
    );
  assert.deepEqual(found, []);
});

test('spelling is American', () => {
  const british =
    /\b(behaviour|stabilisation|neighbours?|licence|colours?|organis(?:e|ation)|recognis|analys(?:e|ed)\b)/gi;
  const found = documents.flatMap((file) => (prose(file).match(british) ?? []).map((word) => `${file}: ${word}`));
  assert.deepEqual(found, []);
});

test('every link between documents leads to a file and a heading', () => {
  const anchors = (file: string): Set<string> =>
    new Set(
      [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
      ),
    );
  for (const file of documents)
    for (const [, target = ''] of prose(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path, anchor] = target.split('#');
      const to = path ? join(dirname(file), path) : file;
      assert.ok(existsSync(join(root, to)), `${file} links to ${target}`);
      if (anchor) assert.ok(anchors(to).has(anchor), `${file} links to ${target}, which has no such heading`);
    }
});

test('every path that a document of today names is there', () => {
  const PATH = /`((?:test|reconciler|policies|infra|examples|docs)\/[A-Za-z0-9_./-]+)`/g;
  // Decisions and the change log tell of their day; NAME and STACK stand for the reader's own.
  for (const file of documents.filter((name) => !/^(docs\/decisions\/|CHANGELOG)/.test(name)))
    for (const [, path = ''] of read(file).matchAll(PATH))
      if (!/[A-Z]{4}/.test(path.replace(/[A-Z]+\.md$/, '')))
        assert.ok(existsSync(join(root, path)), `${file} names ${path}, which is not there`);
});

test('every decision has a status, and the list names it', () => {
  const list = read('docs/decisions/README.md');
  for (const file of files.filter((name) => /^docs\/decisions\/\d{4}-.*\.md$/.test(name))) {
    assert.match(read(file), /^# \d+\. .+\n\nStatus: (Accepted|Superseded by \d+)\b/, file);
    assert.ok(list.includes(`(${file.split('/').at(-1)})`), `docs/decisions/README.md does not name ${file}`);
  }
});

test.run();
