/**
 * Locks a folder for one process.
 *
 * The lock is a file that names its holder: pid, and the start time of that process where the system tells it, since pids
 * are used again (each container begins with the same ones). The lock of a process that is gone is taken over.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../input.ts';

interface Holder {
  pid: number;
  /** Ticks since the system's start; undefined where there is no /proc. */
  started: string | undefined;
}

/** Locks of this process, by path. Its own pid alone does not tell whether a lock is in use. */
const own = new Set<string>();

/** Returns the state and the start time of a process; undefined if it is gone, or where there is no /proc. */
function statOf(pid: number): { state: string | undefined; started: string | undefined } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, the second field, may hold spaces and brackets; fields are counted behind its last bracket (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], started: fields[19] };
  } catch {
    return undefined;
  }
}

function lives({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = statOf(pid);
  // A zombie has ended, and keeps its pid until its parent looks: in a container without an init that may be never.
  if (now?.state === 'Z' || now?.state === 'X') return false;
  return now?.started === undefined || started === undefined || now.started === started;
}

function read(path: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isObject(value) || !Number.isInteger(value.pid) || Number(value.pid) <= 0) return undefined;
    return { pid: Number(value.pid), started: typeof value.started === 'string' ? value.started : undefined };
  } catch {
    return undefined;
  }
}

/** Links a file to a path that must be free: the only step that two processes cannot both do. */
function claim(from: string, path: string): boolean {
  try {
    linkSync(from, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Another process has the folder, or this one has locked it before. */
export class FolderInUse extends Error {
  override name = 'FolderInUse';
  readonly folder: string;
  readonly pid: number;

  constructor(folder: string, pid: number) {
    const which = pid === process.pid ? `${pid} (this one)` : pid;
    super(`The folder ${folder} is in use by process ${which}. End that process, or choose another folder.`);
    this.folder = folder;
    this.pid = pid;
  }
}

/** Returns whether the holder of a lock still needs it. */
const holds = (holder: Holder | undefined, path: string): holder is Holder =>
  holder !== undefined && (holder.pid === process.pid ? own.has(path) : lives(holder));

/**
 * Locks a folder, which it creates if need be; returns the function that unlocks it.
 * @param name the name of the lock file
 * @throws FolderInUse
 */
export function lockFolder(folder: string, name = 'lock'): () => void {
  const path = join(folder, name);
  const mine = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(mine, `${JSON.stringify({ pid: process.pid, started: statOf(process.pid)?.started })}\n`, {
    mode: 0o600,
  });
  try {
    while (!claim(mine, path)) {
      const holder = read(path);
      if (holds(holder, path)) throw new FolderInUse(folder, holder.pid);
      setAside(path, mine);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  own.add(path);
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    own.delete(path);
    rmSync(path, { force: true });
  };
}

/** Moves away a lock whose holder is gone. If another process has taken it over meanwhile, its lock goes back. */
function setAside(path: string, mine: string): void {
  const aside = `${mine}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (holds(read(aside), path)) claim(aside, path);
  rmSync(aside, { force: true });
}
