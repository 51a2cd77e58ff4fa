/** Appends records to a journal file. */
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HEADER, seal } from './record.ts';

/** The part of a file that a journal needs. Tests give one that fails. */
export interface AppendFile {
  append(bytes: Buffer): Promise<void>;
  /** Resolves once everything appended is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file for appending. @param length cuts the file there first; 0 empties it */
export type OpenFile = (path: string, length: number) => Promise<AppendFile>;

export const openFile: OpenFile = async (path, length) => {
  const file = await open(path, 'a', 0o600);
  try {
    await file.truncate(length);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    append: async (bytes) => {
      let written = 0;
      while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten;
    },
    sync: () => file.datasync(),
    close: () => file.close(),
  };
};

/** Makes a file's new name durable. Windows cannot sync a folder, and does not need to. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export class RecordFile {
  readonly #file: AppendFile;
  #path: string;
  #checksum: number;
  #size: number;

  private constructor(path: string, file: AppendFile, checksum: number, size: number) {
    this.#path = path;
    this.#file = file;
    this.#checksum = checksum;
    this.#size = size;
  }

  /** Creates an empty journal. It is on the disk after the next `sync`, under its name after `rename`. */
  static async create(path: string, opens: OpenFile): Promise<RecordFile> {
    const records = new RecordFile(path, await opens(path, 0), 0, 0);
    try {
      await records.#append(HEADER);
    } catch (error) {
      await records.discard();
      throw error;
    }
    return records;
  }

  /** Opens a journal behind its last whole record. */
  static async reopen(path: string, opens: OpenFile, end: { checksum: number; length: number }): Promise<RecordFile> {
    return new RecordFile(path, await opens(path, end.length), end.checksum, end.length);
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** Appends one record. @param operations the JSON of each */
  append(operations: readonly string[]): Promise<void> {
    return this.#append(`[${operations.join(',')}]`);
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  /** Gives the file a new name, in place of any other file of that name. */
  async rename(to: string): Promise<void> {
    await rename(this.#path, to);
    this.#path = to;
    await syncFolder(dirname(to));
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Closes the file and removes it. Never rejects. */
  async discard(): Promise<void> {
    await this.close().catch(() => {});
    await rm(this.#path, { force: true }).catch(() => {});
  }

  async #append(json: string): Promise<void> {
    const { line, checksum } = seal(json, this.#checksum);
    const bytes = Buffer.from(line, 'utf8');
    await this.#file.append(bytes);
    this.#checksum = checksum;
    this.#size += bytes.length;
  }
}
