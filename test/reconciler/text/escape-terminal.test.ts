/** Other people's text on its way to a terminal: nothing in it moves a cursor, ends a line, or turns its direction. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { escapeLines, escapeStrings, escapeTerminal } from '../../../reconciler/text/escape-terminal.ts';

/** [text, shown] */
const cases: [string, string][] = [
  ['plain text, Ünïcödé, 日本語 and 🙂', 'plain text, Ünïcödé, 日本語 and 🙂'],
  ['a\nb\r\nc\td', 'a\\nb\\r\\nc\\td'],
  ['\u001b[2J\u001b]0;title\u0007', '\\x1b[2J\\x1b]0;title\\x07'],
  ['\u009b31m', '\\x9b31m'],
  ['user\u202egnp.exe', 'user\\u202egnp.exe'],
  ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
  ['line\u2028paragraph\u2029', 'line\\u2028paragraph\\u2029'],
  ['half \ud800 pair', 'half \\ud800 pair'],
  ['tag \u{e0041}', 'tag \\u{e0041}'],
  ['\u0000\u007f\u0085', '\\x00\\x7f\\x85'],
];
for (const [text, shown] of cases)
  test(JSON.stringify(text), () => {
    assert.equal(escapeTerminal(text), shown);
    assert.equal(escapeTerminal(shown), shown, 'a second time changes nothing');
  });

test('no text at all leaves a character that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(escapeTerminal(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    }),
  );
});

test('a document keeps its lines and tabs, and nothing else', () => {
  assert.equal(escapeLines('a:\n\tb: "\u001b[1m"\r\n'), 'a:\n\tb: "\\x1b[1m"\\r\n');
});

test('a JSON value is escaped in every string, keys included', () => {
  const value = { 'a\n': ['\u001b', { b: '\u202e' }], c: 1, d: null, e: true };
  assert.deepEqual(escapeStrings(value), { 'a\\n': ['\\x1b', { b: '\\u202e' }], c: 1, d: null, e: true });
});

test.run();
