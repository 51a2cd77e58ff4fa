/** Appends records to a journal file. */
import { open, rename, rm } from 'node:fs/promises';
import { HEADER, seal } from './record.ts';

export interface AppendFile {
  append(bytes: Buffer): Promise<void>;
  /** Resolves once everything appended is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The part of a disk that a journal needs. Tests give one that fails. */
export interface Disk {
  /** Opens a file for appending, and creates it if need be. @param length cuts the file there first; 0 empties it */
  open(path: string, length: number): Promise<AppendFile>;
  /** Resolves once the names of the files in a folder are on the disk. */
  syncFolder(path: string): Promise<void>;
}

async function openFile(path: string, length: number): Promise<AppendFile> {
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
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot sync a folder, and does not need to.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The disk of this machine. */
export const disk: Disk = { open: openFile, syncFolder };

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
  static async create(path: string, on: Disk): Promise<RecordFile> {
    const records = new RecordFile(path, await on.open(path, 0), 0, 0);
    try {
      await records.#append(HEADER);
    } catch (error) {
      await records.discard();
      throw error;
    }
    return records;
  }

  /** Opens a journal behind its last whole record. */
  static async reopen(path: string, on: Disk, end: { checksum: number; length: number }): Promise<RecordFile> {
    return new RecordFile(path, await on.open(path, end.length), end.checksum, end.length);
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

  /** Gives the file a new name, in place of any other file of that name. A crash may undo it until the folder is synced. */
  async rename(to: string): Promise<void> {
    await rename(this.#path, to);
    this.#path = to;
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
