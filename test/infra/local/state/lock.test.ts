import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { FolderInUse, lockFolder } from '../../../../infra/local/state/lock.ts';

function inFolder<T>(fn: (folder: string, lock: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  try {
    return fn(folder, join(folder, 'lock'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The pid of a process that has ended and was waited for. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('a folder is locked once, by a file that names its holder, and nothing is left of it after the unlock', () => {
  inFolder((folder, lock) => {
    const unlock = lockFolder(folder);
    assert.equal(JSON.parse(readFileSync(lock, 'utf8')).pid, process.pid);
    assert.throws(
      () => lockFolder(folder),
      (error) => error instanceof FolderInUse && error.pid === process.pid,
    );
    unlock();
    assert.deepEqual(readdirSync(folder), []);
    // A second unlock must not take the lock of the next holder.
    const again = lockFolder(folder);
    unlock();
    assert.ok(existsSync(lock));
    again();
  });
});

test('a lock is taken over from a process that is gone, and from an earlier one of the same pid', async () => {
  const gone = await endedPid();
  for (const holder of [
    { pid: gone },
    { pid: process.pid, started: '1' },
    { pid: process.pid },
    // The parent lives, but it did not start then: its pid was used again.
    ...(existsSync('/proc/self/stat') ? [{ pid: process.ppid, started: '1' }] : []),
  ])
    inFolder((folder, lock) => {
      writeFileSync(lock, JSON.stringify(holder));
      const unlock = lockFolder(folder);
      assert.equal(JSON.parse(readFileSync(lock, 'utf8')).pid, process.pid, JSON.stringify(holder));
      unlock();
      assert.deepEqual(readdirSync(folder), []);
    });
});

test('a living holder keeps its lock, and a damaged lock has no holder', () => {
  inFolder((folder, lock) => {
    writeFileSync(lock, JSON.stringify({ pid: process.ppid }));
    assert.throws(() => lockFolder(folder), {
      message: `The folder ${folder} is in use by process ${process.ppid}. End that process, or choose another folder.`,
    });
    for (const text of ['', '{', '{"pid":-1}', '{"pid":"1"}', '[]']) {
      writeFileSync(lock, text);
      lockFolder(folder)();
    }
  });
});

test.run();
