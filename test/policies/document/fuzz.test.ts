/** Mutated documents: whatever is done to one, the parser answers with a policy or with placed problems. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { parsePolicy } from '../../../policies/document/parse.ts';
import { EXAMPLE } from '../../support/documents.ts';

const lines = EXAMPLE.split('\n');

/** Edits as people and tools make them: lines lost, doubled, indented; characters dropped, put in, swapped. */
const edit = fc.oneof(
  fc.record({ kind: fc.constant('cut'), at: fc.nat(lines.length - 1) }),
  fc.record({ kind: fc.constant('double'), at: fc.nat(lines.length - 1) }),
  fc.record({ kind: fc.constant('indent'), at: fc.nat(lines.length - 1) }),
  fc.record({
    kind: fc.constant('insert'),
    at: fc.nat(EXAMPLE.length),
    text: fc.oneof(
      fc.string({ maxLength: 5, unit: 'binary' }),
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ':',
        '- ',
        '\t',
        '&a ',
        '*a',
        '!!js/function ',
        '%',
        '"',
        "'",
        '|',
        '> ',
        '? ',
        '---\n',
        '__proto__: 1\n',
        '<<: x\n',
      ),
    ),
  }),
  fc.record({ kind: fc.constant('drop'), at: fc.nat(EXAMPLE.length - 1), length: fc.integer({ min: 1, max: 12 }) }),
);
type Edit = { kind: string; at: number; text?: string; length?: number };

function mutate(text: string, { kind, at, text: more = '', length = 1 }: Edit): string {
  const split = text.split('\n');
  if (kind === 'cut') return split.filter((_, i) => i !== at).join('\n');
  if (kind === 'double') return split.flatMap((line, i) => (i === at ? [line, line] : [line])).join('\n');
  if (kind === 'indent') return split.map((line, i) => (i === at ? ` ${line}` : line)).join('\n');
  if (kind === 'insert') return text.slice(0, at) + more + text.slice(at);
  return text.slice(0, at) + text.slice(at + length);
}

function mustBePlaced(text: string): boolean {
  const parsed = parsePolicy(text, { name: 'taskiq-workers' });
  if (parsed.ok) return true;
  assert.ok(parsed.problems.length > 0);
  const count = text.split('\n').length;
  for (const { line, col, message } of parsed.problems) {
    assert.ok(line >= 1 && line <= Math.max(1, count), `line ${line} of ${count}`);
    assert.ok(col >= 1 && message.length > 0);
  }
  return false;
}

test('mutated documents never crash the parser, and every refusal has a place', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      if (!mustBePlaced(edits.reduce((text, e) => mutate(text, e as Edit), EXAMPLE))) refused++;
    }),
    { numRuns: 3_000, seed: 11 },
  );
  assert.ok(refused > 500, `${refused} refused`);
});

test('any text at all', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300, unit: 'binary' }), (text) => void mustBePlaced(text)),
    { numRuns: 2_000, seed: 12 },
  );
});

test('any JSON at all', () => {
  fc.assert(
    fc.property(fc.json(), (text) => assert.equal(mustBePlaced(text), false)),
    { numRuns: 2_000, seed: 13 },
  );
});

test.run();
