/** A lock on a folder, held by a file with the owner's process id. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../text/user-error.ts';

const LOCK_FILE = 'up.lock';

/** Owner of a lock. A process id alone would not do: the system gives the ids of ended processes to new ones. */
interface Owner {
  pid: number;
  /** When the process began, as the system counts; undefined where it does not tell. */
  began: string | undefined;
}

/**
 * Takes the lock of a folder, and returns the function that releases it. The lock of a process that has ended, however
 * it ended, is taken over. Throws UserError that names the process which holds it.
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, LOCK_FILE);
  const mine = JSON.stringify({ pid: process.pid, began: beganOf(process.pid) });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, mine, { mode: 0o600 });
  try {
    while (!linked(draft, path)) {
      const holder = read(path);
      if (holder && isAlive(holder.owner)) throw taken(folder, holder.owner.pid);
      if (holder) removeStale(path, holder.text);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (read(path)?.text === mine) rmSync(path, { force: true });
  };
}

const taken = (folder: string, pid: number): UserError =>
  new UserError(
    `process ${pid} already uses the folder ${folder}: it is another \`sluice up\``,
    `end that one (kill ${pid}), or start this one in another folder`,
  );

/** Gives the draft the lock's name, whole and only if there is no lock: link(2) never replaces. */
function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock that was read. If somebody else has replaced it meanwhile, that lock is put back. */
function removeStale(path: string, text: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch {
    // Somebody else has removed it.
    return;
  }
  if (readFileSync(aside, 'utf8') !== text) linked(aside, path);
  unlinkSync(aside);
}

function read(path: string): { owner: Owner; text: string } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const [pid, began] = [/"pid":(\d+)/.exec(text)?.[1], /"began":"(\d+)"/.exec(text)?.[1]];
  // A damaged lock has no owner.
  return { owner: { pid: Number(pid ?? 0), began }, text };
}

function isAlive({ pid, began }: Owner): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is alive, and belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = beganOf(pid);
  return began === undefined || now === undefined || now === began;
}

/** Returns the start of a process in clock ticks since boot (field 22 of its stat file); undefined without /proc. */
function beganOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name may hold spaces and brackets; the fields after it are numbers.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
