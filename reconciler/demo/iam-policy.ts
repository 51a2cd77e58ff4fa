import type { Statement } from '../../infra/local/iam.ts';
import { parsePolicy } from '../../infra/local/iam-parse.ts';
import { readInput } from '../text/input.ts';
import { UserError } from '../text/user-error.ts';

/** Reads the IAM policy of a file. Throws UserError when it is not one. */
export async function readIamPolicy(file: string): Promise<Statement[]> {
  const text = await readInput(file);
  try {
    return parsePolicy(text, 'identity');
  } catch (error) {
    throw new UserError(
      `${file} is not an IAM policy: ${(error as Error).message}`,
      'print one with: npm run --silent infra:policy -- local',
    );
  }
}
