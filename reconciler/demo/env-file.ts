/** The file by which other programs reach the embedded AWS of a running `sluice up`. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

export const ENV_FILE = '.sluice/env';

/** How to reach the embedded AWS: its address, region and root keys. */
export interface Reach {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

/** Returns the variables that any AWS client reads. */
export const variablesOf = ({ endpoint, region, credentials }: Reach): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
});

/**
 * Lines that make `aws` of the shell that reads the file send to the embedded AWS. CLI v1 ignores AWS_ENDPOINT_URL for SQS and
 * would ask the real AWS. An alias named `aws` goes first: a shell would expand it inside the definition. Read by bash, zsh, dash.
 */
const AWS_FUNCTION = `unalias aws 2>/dev/null || :
aws() { command aws \${AWS_ENDPOINT_URL:+"--endpoint-url=$AWS_ENDPOINT_URL"} "$@"; }
`;

/** Writes the file as lines for a shell, readable by its owner only, and whole or not at all. */
export function writeEnvFile(reach: Reach): void {
  const lines = Object.entries(variablesOf(reach)).map(([name, value]) => `export ${name}='${value}'\n`);
  const draft = `${ENV_FILE}.${process.pid}`;
  writeFileSync(draft, `${lines.join('')}unset AWS_SESSION_TOKEN AWS_PROFILE\n${AWS_FUNCTION}`, { mode: 0o600 });
  renameSync(draft, ENV_FILE);
}

/** Reads the file back; undefined when there is none, or when a variable is missing. */
export function readEnvFile(): Reach | undefined {
  let text: string;
  try {
    text = readFileSync(ENV_FILE, 'utf8');
  } catch {
    return undefined;
  }
  const values = new Map([...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
  const endpoint = values.get('AWS_ENDPOINT_URL');
  const region = values.get('AWS_REGION');
  const accessKeyId = values.get('AWS_ACCESS_KEY_ID');
  const secretAccessKey = values.get('AWS_SECRET_ACCESS_KEY');
  if (!endpoint || !region || !accessKeyId || !secretAccessKey) return undefined;
  return { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
}

/** Removes the file if it still tells of this run: a later run in the same folder keeps its own. */
export function removeEnvFile({ credentials }: Reach): void {
  // The keys are made anew for each run.
  if (readEnvFile()?.credentials.accessKeyId === credentials.accessKeyId) rmSync(ENV_FILE, { force: true });
}
