/** Other people's text in every view that prints it: no escape, no forged line, no turned direction. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { runText } from '../../../reconciler/cli/chaos/run-text.ts';
import { diffText } from '../../../reconciler/cli/policy/diff-text.ts';
import { detailsText, overviewText, type Row } from '../../../reconciler/cli/status/text.ts';
import { explainDecision } from '../../../reconciler/text/decision.ts';
import { escapeStrings } from '../../../reconciler/text/escape-terminal.ts';
import { decisionOf, parseRecord } from '../../../reconciler/text/log-record.ts';
import { command } from '../../support/command.ts';
import { goldenLines } from '../../support/golden.ts';

const HOSTILE = '\u001b[2K\r\u202eforged\n12:00:00.000 demo scaleUp all is well\u009b1A';

/** No character that a terminal obeys, but for line ends of our own. */
function isClean(text: string): void {
  assert.doesNotMatch(text, /[\p{Cf}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u);
  assert.doesNotMatch(text, /^12:00:00/m, 'no forged line');
  assert.match(text, /\\x1b\[2K\\r\\u202eforged\\n12:00:00/, 'it is shown as escapes');
}

/** Puts the text at the end of every string in a value. */
function poison<T>(value: T): T;
function poison(value: unknown): unknown {
  if (typeof value === 'string') return value + HOSTILE;
  if (Array.isArray(value)) return value.map((item: unknown) => poison(item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, poison(item)]));
}

const record = goldenLines('tour')
  .map((line) => parseRecord(line))
  .find((found) => found?.decision?.chaos?.ended.length);
const decision = record && decisionOf(record);

test('explain', () => {
  assert.ok(decision);
  isClean(explainDecision(poison(decision)));
});

test('chaos report', () => {
  const run = decision?.chaos?.ended[0];
  assert.ok(run);
  isClean(runText(HOSTILE, { ...poison(run), trigger: run.trigger }));
});

test('status', () => {
  const time = '2026-11-25T02:00:00.000Z';
  const condition = { type: 'Ready' as const, status: 'False' as const, lastTransitionTime: time };
  const row: Row = {
    name: HOSTILE,
    version: 1,
    status: {
      observedGeneration: 1,
      conditions: [{ ...condition, reason: HOSTILE, message: HOSTILE }],
      experiments: [],
      updatedAt: time,
    },
  };
  isClean(overviewText(escapeStrings([row])));
  isClean(detailsText(escapeStrings(row)));
});

test('policy diff', () => {
  isClean(diffText('a: 1\n', 'a: "\u001b[2K\u202e\u009b"\n', HOSTILE, 'b'));
});

test('errors', async () => {
  const { status, err } = await command('policy', 'validate', `${HOSTILE}.yaml`);
  assert.equal(status, 1);
  isClean(err);
});

test.run();
