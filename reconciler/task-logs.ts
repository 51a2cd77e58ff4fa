import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { LastLines } from './observe/failed-starts.ts';
import { escapeTerminal } from './text/escape-terminal.ts';

const LINES = 5;
/** Characters of a line. A line is cut at its end. */
const LONGEST = 200;
/** Bytes of the end of a file that are read. */
const TAIL_BYTES = 8 * 1024;

/**
 * Returns a reader of the last five lines of a task's log, the file ID.log in `folder`. Empty lines are left out, control
 * characters are escaped. Logs are what Sluice can do without: one that cannot be read has no lines.
 */
export function lastLinesIn(folder: string): LastLines {
  return async (taskId) => {
    // The ID comes from an answer: it must not lead out of the folder.
    if (!/^[\w-]+$/.test(taskId)) return [];
    try {
      return linesOf(await tailOf(join(folder, `${taskId}.log`)));
    } catch {
      return [];
    }
  };
}

async function tailOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-LINES)
    .map((line) => escapeTerminal(line.trimEnd()).slice(0, LONGEST));
