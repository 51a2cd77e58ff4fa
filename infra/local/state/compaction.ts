/**
 * Writes all entities into a new journal, piece by piece, while calls go on.
 *
 * An entity is written as it is at the moment of its piece. A change during the compaction goes into both journals, and is
 * applied again when the new one is read. Operations can be applied twice, so the new journal comes to the same content.
 */

import { type Disk, RecordFile } from './file.ts';

/** Bytes of one piece, about. Calls wait for one piece at most. */
const PIECE_BYTES = 256 * 1024;

export class Compaction {
  readonly #next: RecordFile;
  readonly #entities: Iterator<readonly [string, unknown]>;

  private constructor(next: RecordFile, entities: Iterable<readonly [string, unknown]>) {
    this.#next = next;
    this.#entities = entities[Symbol.iterator]();
  }

  static async begin(path: string, entities: Iterable<readonly [string, unknown]>, on: Disk): Promise<Compaction> {
    return new Compaction(await RecordFile.create(path, on), entities);
  }

  /** Takes a record that was written to the present journal. */
  append(operations: readonly string[]): Promise<void> {
    return this.#next.append(operations);
  }

  /** Writes one piece. Resolves to true once nothing is left to write. */
  async step(): Promise<boolean> {
    const piece: string[] = [];
    let size = 0;
    let done: boolean | undefined = false;
    while (size < PIECE_BYTES) {
      const next = this.#entities.next();
      done = next.done;
      if (next.done) break;
      const text = JSON.stringify(['put', next.value[0], next.value[1]]);
      piece.push(text);
      size += text.length;
    }
    if (piece.length > 0) await this.#next.append(piece);
    await this.#next.sync();
    return done === true;
  }

  /** Puts the new journal in the place of the present one, and returns it. */
  async finish(path: string): Promise<RecordFile> {
    await this.#next.sync();
    await this.#next.rename(path);
    return this.#next;
  }

  /** Removes what was written. Never rejects. */
  discard(): Promise<void> {
    return this.#next.discard();
  }
}
