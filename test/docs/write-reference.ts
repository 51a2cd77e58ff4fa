/**
 * Writes docs/policy-reference.md, and the JSON Schema beside the starters, from the schema: npm run docs:reference. A test
 * keeps both current.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { policyReference } from '../../policies/document/reference.ts';
import { policyJsonSchema } from '../../policies/document/schema.ts';

export const REFERENCE_FILE = fileURLToPath(new URL('../../docs/policy-reference.md', import.meta.url));

export const referenceText = (): string => `# Policy reference

Made from the schema by \`npm run docs:reference\`; do not edit by hand. \`npx sluice policy schema\` prints the same as JSON
Schema for your editor. Durations are texts such as \`10s\`, \`5m\` or \`1h30m\`. An unknown field is an error.

${policyReference()}
`;

/** Editors find it here: each starter's first line names it. */
export const SCHEMA_FILE = fileURLToPath(new URL('../../policies/starter/policy.schema.json', import.meta.url));

export const schemaText = (): string => `${JSON.stringify(policyJsonSchema(), null, 2)}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(REFERENCE_FILE, referenceText());
  writeFileSync(SCHEMA_FILE, schemaText());
}
