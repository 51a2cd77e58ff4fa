/** Computes the MD5 sums by which clients check that a message arrived whole. The JS SDK throws if one is wrong. */
import { createHash } from 'node:crypto';
import type { MessageAttributes } from './message.ts';

export const md5 = (data: string | Buffer): string => createHash('md5').update(data).digest('hex');

/** Returns a four-byte big-endian length, then the bytes. */
function lengthPrefixed(data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, data]);
}

const STRING_TRANSPORT = Buffer.from([1]);
const BINARY_TRANSPORT = Buffer.from([2]);

/**
 * Returns the sum of message attributes: sorted by name, each as name, data type, one byte for the transport, and value.
 * Source: SQS Developer Guide, "Calculating the MD5 message digest for message attributes".
 * @returns undefined without attributes, for which AWS sends no sum
 */
export function attributesMd5(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes);
  if (names.length === 0) return undefined;
  const parts: Buffer[] = [];
  for (const name of names.sort((a, b) => (a < b ? -1 : 1))) {
    const value = attributes[name];
    if (!value) continue;
    const binary = value.BinaryValue !== undefined;
    parts.push(
      lengthPrefixed(Buffer.from(name)),
      lengthPrefixed(Buffer.from(value.DataType)),
      binary ? BINARY_TRANSPORT : STRING_TRANSPORT,
      lengthPrefixed(binary ? Buffer.from(value.BinaryValue ?? '', 'base64') : Buffer.from(value.StringValue ?? '')),
    );
  }
  return md5(Buffer.concat(parts));
}
