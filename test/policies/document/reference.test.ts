import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import { REFERENCE_FILE, referenceText } from '../../docs/write-reference.ts';

test('docs/policy-reference.md is what the schema says', () => {
  assert.equal(readFileSync(REFERENCE_FILE, 'utf8'), referenceText(), 'run: npm run docs:reference');
});

test.run();
