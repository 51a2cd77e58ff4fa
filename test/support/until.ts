const POLL_MS = 100;

/** Waits for a condition, never for a time; past the deadline it fails with what was awaited and what there was instead. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs: number,
  context: () => string = () => '',
): Promise<NonNullable<T>> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs / 1_000} s in vain for ${what}\n${context()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** True while a process of this id runs (a zombie does not). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
