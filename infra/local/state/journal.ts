/**
 * Keeps changes in the order in which they happened, and says when they are on the disk.
 *
 * Changes are gathered until the end of a turn of the event loop, so that a record holds whole calls. While a record is on
 * its way to the disk, the changes of further calls gather for the next one: one sync serves all of them.
 */
import { dirname } from 'node:path';
import { Compaction } from './compaction.ts';
import { type Disk, disk, RecordFile } from './file.ts';
import type { Operation } from './operation.ts';
import type { Content } from './read.ts';
import { type Settled, settled } from './settled.ts';

/** Bytes that a journal may always have; beyond them, it may grow to twice the size of its last compaction. */
const COMPACT_FROM_BYTES = 8 * 2 ** 20;
/** Milliseconds between attempts to write again, e.g. while the disk is full. */
const RETRY_MS = 2_000;

export interface JournalOptions {
  path: string;
  /** Yields all entities as they are now. A compaction reads it piece by piece. */
  entities(): Iterable<readonly [string, unknown]>;
  after(ms: number, fn: () => void): () => void;
  onProblem(message: string, error?: unknown): void;
  /** Default: the disk of this machine. */
  disk?: Disk;
  /** Bytes. Default 8 MiB. */
  compactFrom?: number;
}

/** The state folder cannot be written. No call may be answered until it can. */
export class CannotWrite extends Error {
  override name = 'CannotWrite';
}

export class Journal {
  readonly #options: Required<JournalOptions>;
  #file: RecordFile;
  #compaction: Compaction | undefined;
  #compactAt: number;
  /** JSON of the operations for the next record. */
  #gathered: string[] = [];
  /** The end of the next record; undefined while nothing is gathered. */
  #next: Settled | undefined;
  /** The end of the record that is being written. */
  #writing: Promise<void> = Promise.resolve();
  /** The end of the loop that writes; undefined while it rests. */
  #loop: Promise<void> | undefined;
  #closing = false;
  #failure: CannotWrite | undefined;
  /** False while a failure makes records pointless: all entities will be written anew. */
  #gathering = true;
  #cancelRetry: () => void = () => {};

  private constructor(file: RecordFile, options: JournalOptions) {
    this.#file = file;
    this.#options = { disk, compactFrom: COMPACT_FROM_BYTES, ...options };
    this.#compactAt = this.#options.compactFrom;
  }

  /** Opens a journal behind its content, or creates it. */
  static async open(content: Content | undefined, options: JournalOptions): Promise<Journal> {
    const on = options.disk ?? disk;
    const { path } = options;
    if (content && content.length > 0) return new Journal(await RecordFile.reopen(path, on, content), options);
    const file = await (await Compaction.begin(`${path}.next`, [], on)).finish(path);
    await on.syncFolder(dirname(path));
    return new Journal(file, options);
  }

  /** Gathers a change. It is serialized at once, since the value may change later. */
  note(operation: Operation): void {
    if (!this.#gathering) return;
    this.#gathered.push(JSON.stringify(operation));
    this.#next ??= settled();
    this.#wake();
  }

  /** @throws CannotWrite while the disk refuses writes */
  assertWritable(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Resolves once every change until now is on the disk. Rejects with CannotWrite. */
  durable(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return this.#next?.promise ?? this.#writing;
  }

  /** Writes the rest and closes the file. Rejects with CannotWrite if that is not possible. */
  async close(): Promise<void> {
    this.#cancelRetry();
    if (this.#failure) await this.#heal();
    this.#closing = true;
    const last = this.durable();
    last.catch(() => {});
    await this.#loop;
    this.#cancelRetry();
    this.#gathering = false;
    await this.#compaction?.discard();
    await this.#file.close().catch(() => {});
    await last;
  }

  /** Starts the loop that writes, at the end of this turn of the event loop. */
  #wake(): void {
    if (this.#loop || this.#failure) return;
    this.#loop = new Promise((resolve) => {
      setImmediate(() => resolve(this.#run()));
    });
  }

  async #run(): Promise<void> {
    while (!this.#failure && (this.#gathered.length > 0 || (this.#compaction && !this.#closing))) {
      if (this.#gathered.length > 0) await this.#commit();
      if (!this.#failure && !this.#closing) await this.#compact();
    }
    this.#loop = undefined;
  }

  /** Writes one record. Never rejects. */
  async #commit(): Promise<void> {
    const operations = this.#gathered;
    const end = this.#next ?? settled();
    this.#gathered = [];
    this.#next = undefined;
    this.#writing = end.promise;
    try {
      await this.#file.append(operations);
      await this.#file.sync();
      end.resolve();
    } catch (error) {
      this.#fail(error, end);
      return;
    }
    await this.#compaction?.append(operations).catch((error) => this.#giveUp(error));
  }

  /** Begins, continues or ends a compaction if it is time. Never rejects. */
  async #compact(): Promise<void> {
    const { path, entities } = this.#options;
    let file: RecordFile;
    try {
      if (!this.#compaction) {
        if (this.#file.size < this.#compactAt) return;
        this.#compaction = await Compaction.begin(`${path}.next`, entities(), this.#options.disk);
      }
      if (!(await this.#compaction.step())) return;
      file = await this.#compaction.finish(path);
    } catch (error) {
      await this.#giveUp(error);
      return;
    }
    this.#compaction = undefined;
    await this.#adopt(file).catch((error) => this.#fail(error));
  }

  /** Goes on with a new journal that has taken the name of the present one. */
  async #adopt(file: RecordFile): Promise<void> {
    const before = this.#file;
    this.#file = file;
    this.#compactAt = Math.max(this.#options.compactFrom, 2 * file.size);
    await before.close().catch(() => {});
    await this.#options.disk.syncFolder(dirname(this.#options.path));
  }

  /** The present journal is whole, so calls go on. The next attempt comes when the journal has doubled. */
  async #giveUp(error: unknown): Promise<void> {
    await this.#compaction?.discard();
    this.#compaction = undefined;
    this.#compactAt = 2 * this.#file.size;
    this.#options.onProblem(`The state file ${this.#options.path} could not be compacted; it is still good.`, error);
  }

  /** A record may be there in part, so nothing may follow it. Calls are refused until all entities are written anew. */
  #fail(error: unknown, ...ends: (Settled | undefined)[]): void {
    const why = error instanceof Error ? error.message : String(error);
    const first = this.#failure === undefined;
    this.#failure = new CannotWrite(`The state file ${this.#options.path} cannot be written: ${why}`, { cause: error });
    this.#gathering = false;
    this.#gathered = [];
    for (const end of [...ends, this.#next]) end?.reject(this.#failure);
    this.#next = undefined;
    const told = `${this.#failure.message}. Calls are refused; writing is tried again every ${RETRY_MS / 1000} s.`;
    if (first) this.#options.onProblem(told, error);
    this.#cancelRetry = this.#options.after(RETRY_MS, () => this.#heal());
  }

  /** Writes all entities into a new journal, since the present one may end in part of a record. Never rejects. */
  async #heal(): Promise<void> {
    const { path, entities } = this.#options;
    this.#gathering = true;
    try {
      await this.#compaction?.discard();
      this.#compaction = await Compaction.begin(`${path}.next`, entities(), this.#options.disk);
      while (!(await this.#compaction.step()));
      const file = await this.#compaction.finish(path);
      this.#compaction = undefined;
      await this.#adopt(file);
    } catch (error) {
      await this.#compaction?.discard();
      this.#compaction = undefined;
      this.#fail(error);
      return;
    }
    this.#failure = undefined;
    if (this.#gathered.length > 0) this.#wake();
  }
}
