/** Reads request bodies within limits, and gunzips those that SDKs compress (CloudWatch's PutMetricData). */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AwsError } from './service.ts';

const inflate = promisify(gunzip);

export interface Body {
  /** The bytes as they came, which a signature covers. */
  raw: Buffer;
  text: string;
}

export interface BodyLimits {
  /** Bytes of one body, both as sent and after gunzip. */
  one: number;
  /** Bytes of all bodies that are being read. */
  all: number;
}

const tooLarge = (limit: number): AwsError =>
  new AwsError('RequestEntityTooLargeException', `The request body must be at most ${limit} bytes.`, { status: 413 });

const slowDown = (limit: number): AwsError =>
  new AwsError(
    'SlowDown',
    `Too many large requests at once: their bodies may hold at most ${limit} bytes together. Try again.`,
    { status: 503 },
  );

export class BodyReader {
  readonly #limits: BodyLimits;
  #held = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Bytes of the bodies that are being read. */
  get held(): number {
    return this.#held;
  }

  /**
   * Reads a body whole.
   * @throws AwsError 413 for a body beyond its limit, 503 if all bodies together are beyond theirs, and
   * SerializationException for damaged gzip data
   */
  async read(req: IncomingMessage): Promise<Body> {
    let mine = 0;
    const hold = (bytes: number): void => {
      if (this.#held + bytes > this.#limits.all) throw slowDown(this.#limits.all);
      mine += bytes;
      this.#held += bytes;
    };
    const release = (): void => {
      this.#held -= mine;
      mine = 0;
    };
    try {
      const raw = await this.#receive(req, hold, release);
      return { raw, text: (await this.#decode(req, raw, hold)).toString('utf8') };
    } finally {
      release();
    }
  }

  async #receive(req: IncomingMessage, hold: (bytes: number) => void, release: () => void): Promise<Buffer> {
    const limit = this.#limits.one;
    let chunks: Buffer[] = [];
    let size = 0;
    let refused: unknown;
    // The rest of a refused body is read and dropped up to a point, so that the client sees the reply and not a reset.
    for await (const chunk of req as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit * 4) throw tooLarge(limit);
      if (refused) continue;
      try {
        if (size > limit) throw tooLarge(limit);
        hold(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        refused = error;
        chunks = [];
        release();
      }
    }
    if (refused) throw refused;
    return Buffer.concat(chunks);
  }

  async #decode(req: IncomingMessage, raw: Buffer, hold: (bytes: number) => void): Promise<Buffer> {
    const encoding = (req.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
    if (encoding === 'identity' || raw.length === 0) return raw;
    if (encoding !== 'gzip') {
      const message = `Content-Encoding "${encoding}" is not supported; use gzip.`;
      throw new AwsError('UnsupportedMediaTypeException', message, { status: 415 });
    }
    let inflated: Buffer;
    try {
      inflated = await inflate(raw, { maxOutputLength: this.#limits.one });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(this.#limits.one);
      throw new AwsError('SerializationException', 'The body is not valid gzip data.');
    }
    hold(inflated.length);
    return inflated;
  }
}
