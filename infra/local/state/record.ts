/**
 * Writes and reads the records of a journal: one line each, with a checksum.
 *
 * A record is `CHECKSUM JSON\n`: a CRC-32 in eight hexadecimal digits, then a list of operations that belong together. The
 * checksum continues from that of the line before. So a line that was changed, lost, moved or written twice shows.
 */
import { crc32 } from 'node:zlib';
import { isOperation, type Operation } from './operation.ts';

/** The first line of each journal. Another number means another format, which this version does not read. */
export const HEADER = '{"journal":1}';

const CHECKSUM_LENGTH = 8;

/** Returns a line. @param previous the checksum of the line before; 0 for the first line */
export function seal(json: string, previous: number): { line: string; checksum: number } {
  const checksum = crc32(json, previous);
  return { line: `${checksum.toString(16).padStart(CHECKSUM_LENGTH, '0')} ${json}\n`, checksum };
}

/** Says why a line is no record, in words that follow "is damaged:". */
export class BadRecord extends Error {}

/** Checks a line without its line end; returns its JSON and its checksum. @throws BadRecord */
export function unseal(line: Buffer, previous: number): { json: string; checksum: number } {
  const json = line.subarray(CHECKSUM_LENGTH + 1);
  const head = line.toString('latin1', 0, CHECKSUM_LENGTH + 1);
  if (!/^[0-9a-f]{8} $/.test(head)) throw new BadRecord('it does not begin with a checksum');
  const checksum = crc32(json, previous);
  if (checksum !== Number.parseInt(head, 16)) throw new BadRecord('its checksum does not match its content');
  return { json: json.toString('utf8'), checksum };
}

/** Parses the JSON of a record. @throws BadRecord */
export function parseOperations(json: string): Operation[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new BadRecord('it is not valid JSON');
  }
  if (Array.isArray(value) && value.every(isOperation)) return value;
  throw new BadRecord('it holds no list of operations');
}
