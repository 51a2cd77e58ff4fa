/** Locks the folder of `sluice up`, so that two of them do not share one. */
import { FolderInUse, lockFolder as lock } from '../../infra/local/state/lock.ts';
import { UserError } from '../text/user-error.ts';

/**
 * Locks a folder and returns the function that unlocks it. The lock of a process that is gone is taken over. Throws
 * UserError that names the process which holds it, or says why the folder cannot be written.
 */
export function lockFolder(folder: string): () => void {
  try {
    return lock(folder, 'up.lock');
  } catch (error) {
    if (!(error instanceof FolderInUse))
      throw new UserError(
        `the folder ${folder} cannot be written: ${(error as Error).message}`,
        'check its permissions, or start in another folder',
      );
    throw new UserError(
      `process ${error.pid} already uses the folder ${folder}: it is another \`sluice up\``,
      `end that one (kill ${error.pid}), or start this one in another folder`,
    );
  }
}
