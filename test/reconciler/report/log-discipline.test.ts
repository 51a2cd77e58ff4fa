/** Every warning and error says what Sluice does now and what the reader should do, and every message name is documented. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const files = readdirSync(join(root, 'reconciler'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('reconciler', name));

interface Call {
  file: string;
  level: string;
  /** All that stands between the parentheses. */
  text: string;
}

/** Calls of a pino logger, by matching parentheses: none of these arguments holds a lone one in a text. */
function callsIn(file: string): Call[] {
  const source = readFileSync(join(root, file), 'utf8');
  return [...source.matchAll(/\b(?:this\.#)?log\.(debug|info|warn|error|fatal)\(/g)].map(
    ({ 0: head, 1: level = '', index }) => {
      let depth = 1;
      let end = index + head.length;
      while (depth > 0 && end < source.length) depth += { '(': 1, ')': -1 }[source[end++]!] ?? 0;
      return { file, level, text: source.slice(index + head.length, end - 1) };
    },
  );
}

const all = files.flatMap(callsIn);

test('warnings and errors have an effect and something to do', () => {
  const loud = all.filter(({ level }) => level === 'warn' || level === 'error' || level === 'fatal');
  assert.ok(loud.length >= 10, `${loud.length} warnings and errors were found`);
  for (const { file, text } of loud) {
    assert.match(text, /\beffect\b/, `${file}: ${text}`);
    assert.match(text, /\btodo\b/, `${file}: ${text}`);
  }
});

test('every message name stands in docs/logging.md', () => {
  const documented = readFileSync(join(root, 'docs/logging.md'), 'utf8');
  const names = new Set(all.flatMap(({ text }) => /'([^']+)'\s*,?\s*$/.exec(text)?.[1] ?? []));
  assert.ok(names.size >= 15, [...names].join(', '));
  for (const name of names) assert.ok(documented.includes(`\`${name}\``), `"${name}" is not in docs/logging.md`);
});

test.run();
