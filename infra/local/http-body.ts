/** Reading of request bodies within a limit, gunzipping those that SDKs compress (CloudWatch's PutMetricData). */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AwsError } from './service.ts';

const inflate = promisify(gunzip);

export interface Body {
  /** As it came over the wire; this is what a signature covers. */
  raw: Buffer;
  text: string;
}

const tooLarge = (limit: number): AwsError =>
  new AwsError('RequestEntityTooLargeException', `The request body must be at most ${limit} bytes.`, { status: 413 });

/**
 * @param limit bytes, both as sent and after gunzip
 * @throws AwsError 413 beyond the limit; SerializationException when the gzip data is damaged
 */
export async function readBody(req: IncomingMessage, limit: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  let over = false;
  // The rest of a body that is too large is read and dropped, so that the client sees the reply and not a reset.
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit * 4) throw tooLarge(limit);
    if (size > limit) over = true;
    else chunks.push(chunk);
  }
  if (over) throw tooLarge(limit);
  const raw = Buffer.concat(chunks);
  const encoding = (req.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || raw.length === 0) return { raw, text: raw.toString('utf8') };
  if (encoding !== 'gzip')
    throw new AwsError('UnsupportedMediaTypeException', `Content-Encoding "${encoding}" is not supported; use gzip.`, {
      status: 415,
    });
  try {
    return { raw, text: (await inflate(raw, { maxOutputLength: limit })).toString('utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw new AwsError('SerializationException', 'The body is not valid gzip data.');
  }
}
