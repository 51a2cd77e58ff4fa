import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import { REFERENCE_FILE, referenceText, SCHEMA_FILE, schemaText } from '../../docs/write-reference.ts';

test('docs/policy-reference.md is what the schema says', () => {
  assert.equal(readFileSync(REFERENCE_FILE, 'utf8'), referenceText(), 'run: npm run docs:reference');
});

test('the schema beside the starters is the present one, and has a name', () => {
  assert.equal(readFileSync(SCHEMA_FILE, 'utf8'), schemaText(), 'run: npm run docs:reference');
  assert.match(schemaText(), /"\$id": "urn:sluice:schema:worker-policy:v1"/);
});

test.run();
