/** Waiting for conditions in tests with real processes: never for a time, always with a deadline. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;
/** Long enough for a machine that is busy with other tests; a condition that holds ends the wait at once. */
const DEADLINE_MS = 30_000;

/**
 * Waits until the condition returns something truthy, and returns that.
 *
 * @throws Error at the deadline, with what was awaited and what `context` tells of the situation
 */
export async function until<T>(
  awaited: string,
  condition: () => T | Promise<T>,
  deadlineMs = DEADLINE_MS,
  context: () => string = () => '',
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value) return value as NonNullable<Exclude<T, false>>;
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs / 1_000} s in vain for ${awaited}\n${context()}`);
    await sleep(POLL_MS);
  }
}

/** Returns whether a process only waits for its parent to read its exit code (in a container, perhaps forever). */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Returns whether a process runs. A zombie does not. A negative number stands for a whole process group, as for kill(2). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return pid < 0 || !isZombie(pid);
}

/** Waits for the end of processes and process groups. */
export async function gone(pids: readonly number[]): Promise<void> {
  if (pids.some((pid) => !Number.isInteger(pid) || pid === 0)) throw new Error(`not pids: ${pids}`);
  await until(`the end of ${pids.join(' ')}`, () => !pids.some(isAlive));
}
