import { parseDocument } from 'yaml';
import type { Statement } from '../../infra/local/iam.ts';
import { parsePolicy } from '../../infra/local/iam-parse.ts';
import { readInput } from '../text/input.ts';
import { UserError } from '../text/user-error.ts';

/** Returns `:line:col` of the first syntax error; empty when the JSON is well formed. */
function placeOf(text: string): string {
  // Every JSON text is YAML, and the YAML parser knows places.
  const [error] = parseDocument(text).errors;
  const [start] = error?.linePos ?? [];
  return start ? `:${start.line}:${start.col}` : '';
}

/** Reads the IAM policy of a file. Throws UserError when it is not one. */
export async function readIamPolicy(file: string): Promise<Statement[]> {
  const text = await readInput(file);
  try {
    return parsePolicy(text, 'identity');
  } catch (error) {
    const { message } = error as Error;
    throw new UserError(
      `${file}${placeOf(text)} is not an IAM policy: ${message}`,
      'print one with: sluice iam-policy --account 000000000000 --region us-east-1 --queue jobs --service demo/workers',
    );
  }
}
