/** Waiting for conditions in tests with real processes: never a fixed sleep, always a deadline. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const DEADLINE_MS = 20_000;

/** Looks again every 20 ms. @throws Error that names what it waited for */
export async function until<T>(
  look: () => T | Promise<T>,
  what: string,
  deadlineMs = DEADLINE_MS,
): Promise<NonNullable<Exclude<T, false>>> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen as NonNullable<Exclude<T, false>>;
    if (Date.now() > end) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
    await sleep(20);
  }
}

/** A zombie counts as gone: it only waits for a parent to read its exit code (in a container, perhaps for ever). */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Negative numbers stand for whole process groups, as for kill(2). */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return pid < 0 || !isZombie(pid);
}

export async function gone(pids: readonly number[]): Promise<void> {
  if (pids.some((pid) => !Number.isInteger(pid) || pid === 0)) throw new Error(`not pids: ${pids}`);
  await until(() => !pids.some(alive), `the end of ${pids.join(' ')}`);
}
