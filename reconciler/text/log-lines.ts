import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { unreadable } from './input.ts';
import { UserError } from './user-error.ts';

/** Where `sluice up` keeps its reconciler's log. */
export const LOG_FILE = '.sluice/sluice.log';

/** Characters of a line that are kept. A longer one is no record of ours, and must not fill the memory. */
const LONGEST_LINE = 4 * 1024 * 1024;
const POLL_MS = 250;
const CHUNK_BYTES = 1 << 20;

/** Yields the lines of a log: of a file, or of stdin for `-`. With `follow` it waits for more, until the process ends. */
export async function* logLines(file: string, follow: boolean): AsyncGenerator<string> {
  if (file === '-') {
    yield* linesOf(process.stdin);
    return;
  }
  await mustBeLog(file);
  try {
    yield* follow ? tail(file) : linesOf(createReadStream(file));
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function mustBeLog(file: string): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw unreadable(file, error);
  });
  if (!found)
    throw new UserError(
      `there is no log ${file}`,
      'read a log group with --cloudwatch GROUP, or pipe a log in with `-`; without a log, `sluice describe NAME` tells conditions and events',
    );
  if (found.isDirectory()) throw new UserError(`${file} is a directory; Sluice needs a file`, 'name a file in it');
}

/** Splits a stream into lines, each cut at `LONGEST_LINE`: readline would collect a line of any length. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const line of lines) yield withoutReturn(line);
  }
  if (rest !== '') yield withoutReturn(rest);
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

/** Yields what a file holds, then what is added to it. A file that shrinks is read again from its start. */
async function* tail(file: string): AsyncGenerator<string> {
  let decoder = new TextDecoder();
  let position = 0;
  let rest = '';
  for (;;) {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      if (size < position) {
        decoder = new TextDecoder();
        position = 0;
        rest = '';
      }
      if (size > position) {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, position);
        position += bytesRead;
        const lines = (rest + decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split('\n');
        rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
        yield* lines.map(withoutReturn);
        if (bytesRead > 0) continue;
      }
    } finally {
      await handle.close();
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
