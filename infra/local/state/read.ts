/** Reads a journal back: every whole record, and never a part of one. */
import { closeSync, openSync, readSync } from 'node:fs';
import { apply, type Entities } from './operation.ts';
import { BadRecord, HEADER, parseOperations, unseal } from './record.ts';

/** The content of a journal, and the place at which the next record goes. */
export interface Content {
  entities: Entities;
  /** The checksum of the last whole record, from which the next one continues. */
  checksum: number;
  /** The end of the last whole record, in bytes. Behind it is at most a torn record, which nobody was told of. */
  length: number;
}

const CHUNK_BYTES = 1 << 20;
const LINE_END = 10;

interface Line {
  bytes: Buffer;
  /** Counts from 1. */
  number: number;
  /** The place of its first byte. */
  offset: number;
  /** False for a last line without a line end. */
  whole: boolean;
}

function* linesOf(path: string): Generator<Line> {
  const file = openSync(path, 'r');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let parts: Buffer[] = [];
  let number = 1;
  let offset = 0;
  try {
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
      let from = 0;
      for (let end = chunk.indexOf(LINE_END); end >= 0 && end < size; end = chunk.indexOf(LINE_END, from)) {
        const bytes = Buffer.concat([...parts, chunk.subarray(from, end)]);
        yield { bytes, number, offset, whole: true };
        parts = [];
        number += 1;
        offset += bytes.length + 1;
        from = end + 1;
      }
      if (from < size) parts.push(Buffer.from(chunk.subarray(from, size)));
    }
    const bytes = Buffer.concat(parts);
    if (bytes.length > 0) yield { bytes, number, offset, whole: false };
  } finally {
    closeSync(file);
  }
}

/** Says what is wrong with a journal, where, and how to go on. */
export class DamagedJournal extends Error {
  constructor(path: string, { number, offset }: Pick<Line, 'number' | 'offset'>, why: string) {
    super(
      `The state file ${path} is damaged at line ${number} (byte ${offset}): ${why}. It is left as it is. ` +
        `To start empty, move it away. To keep everything before the damage, run: truncate -s ${offset} '${path}'`,
    );
    this.name = 'DamagedJournal';
  }
}

/** Returns whether only the line end of a record is damaged. Then the record was written whole, and was acknowledged. */
function lacksOnlyItsEnd(bytes: Buffer, checksum: number): boolean {
  try {
    unseal(bytes.subarray(0, -1), checksum);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns the content of a journal. A last line without its line end was torn by a crash: it was never acknowledged, and
 * does not count. Damage anywhere else could hide acknowledged changes, so it is an error.
 * @throws DamagedJournal, or the error of a file that cannot be read (code ENOENT if there is none)
 */
export function readJournal(path: string): Content {
  const content: Content = { entities: new Map(), checksum: 0, length: 0 };
  for (const line of linesOf(path)) {
    try {
      if (!line.whole) {
        if (lacksOnlyItsEnd(line.bytes, content.checksum)) throw new BadRecord('its line end was changed');
        break;
      }
      const { json, checksum } = unseal(line.bytes, content.checksum);
      if (line.number > 1) for (const operation of parseOperations(json)) apply(content.entities, operation);
      else if (json !== HEADER) throw new BadRecord(`it begins with ${json.slice(0, 40)}, not with ${HEADER}`);
      content.checksum = checksum;
      content.length = line.offset + line.bytes.length + 1;
    } catch (error) {
      if (error instanceof BadRecord) throw new DamagedJournal(path, line, error.message);
      throw error;
    }
  }
  return content;
}
