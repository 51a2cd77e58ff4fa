import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { UserError } from './user-error.ts';

/** Where a question is asked; by default stdin and stderr. */
export interface Asked {
  input: Readable & { isTTY?: boolean };
  output: Writable & { isTTY?: boolean };
}

/**
 * Resolves once the reader agrees to a destructive act that `what` names, as in "stop 2 of 5 tasks". Asks on a terminal only:
 * a script has said what it wants. Throws UserError unless the answer is yes.
 */
export async function mustConfirm(
  what: string,
  { yes = false }: { yes?: boolean },
  { input, output }: Asked = { input: process.stdin, output: process.stderr },
): Promise<void> {
  if (yes || !input.isTTY || !output.isTTY) return;
  const lines = createInterface({ input, output });
  try {
    const answer = await lines.question(`${what}\ncontinue? [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    lines.close();
  }
  throw new UserError('nothing was done', 'answer y, or skip this question with --yes');
}
