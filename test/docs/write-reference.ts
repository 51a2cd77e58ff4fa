/** Writes docs/policy-reference.md from the schema: npm run docs:reference. A test keeps it current. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { policyReference } from '../../policies/document/reference.ts';

export const REFERENCE_FILE = fileURLToPath(new URL('../../docs/policy-reference.md', import.meta.url));

export const referenceText = (): string => `# Policy reference

Made from the schema by \`npm run docs:reference\`; do not edit by hand. \`npx sluice policy schema\` prints the same as JSON
Schema for your editor. Durations are texts such as \`10s\`, \`5m\` or \`1h30m\`. An unknown field is an error.

${policyReference()}
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(REFERENCE_FILE, referenceText());
