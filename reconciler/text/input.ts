/** Reads the files that commands are given: text in UTF-8, of a sane size, or an error that says where it is not. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { UserError } from './user-error.ts';

/** Bytes that are read at most: far above any policy, scenario or IAM policy, and far below what fills memory. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Reads a file, or stdin for `-`. Throws UserError for a directory, a missing, huge or binary file. */
export async function readInput(file: string, mostBytes = MOST_BYTES): Promise<string> {
  const shown = file === '-' ? '<stdin>' : file;
  const stream = file === '-' ? process.stdin : await open(file);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > mostBytes)
        throw new UserError(
          `${shown} is larger than ${mostBytes / 1024 / 1024} MB, the most that Sluice reads`,
          'check that this is the right file',
        );
    }
  } catch (error) {
    throw error instanceof UserError ? error : unreadable(file, error);
  }
  return decode(shown, Buffer.concat(chunks));
}

async function open(file: string): Promise<Readable> {
  try {
    // Opened as a stream, a directory would fail with words that name no file.
    if ((await stat(file)).isDirectory())
      throw new UserError(`${file} is a directory; Sluice needs a file`, 'name a file in it');
  } catch (error) {
    throw error instanceof UserError ? error : unreadable(file, error);
  }
  return createReadStream(file);
}

/** Returns the error of a file that could not be opened or read, in words. */
export function unreadable(file: string, error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new UserError(`there is no file ${file}`, 'check the path');
  if (code === 'EISDIR') return new UserError(`${file} is a directory; Sluice needs a file`, 'name a file in it');
  if (code === 'EACCES' || code === 'EPERM')
    return new UserError(`${file} may not be read by this user`, 'check its permissions');
  return new UserError(`${file} cannot be read: ${message}`, 'check the path');
}

/** Returns bytes as text. Throws UserError with line and column of the first byte that is not text in UTF-8. */
export function decode(shown: string, bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (isUtf8(bytes) && !bytes.includes(0)) return text;
  const found = [text.indexOf('\0'), isUtf8(bytes) ? -1 : text.indexOf('\uFFFD')].filter((at) => at >= 0);
  const before = text.slice(0, Math.min(...found)).split('\n');
  throw new UserError(
    `${shown}:${before.length}:${before.at(-1)!.length + 1}: this is not text in UTF-8`,
    'check that this is the right file, and that it is saved as UTF-8',
  );
}
