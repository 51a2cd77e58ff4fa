/**
 * Verification of AWS Signature Version 4 in the Authorization header.
 *
 * Source: IAM User Guide, "Create a signed AWS API request".
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The largest difference between a signature's time and ours, as on AWS. */
export const MAX_SKEW_MS = 15 * 60_000;

const ALGORITHM = 'AWS4-HMAC-SHA256';

export interface SignedRequest {
  method: string;
  /** Path and query as they stand in the request line. */
  target: string;
  headers: IncomingHttpHeaders;
  /** The body before any decompression. */
  body: Buffer;
}

/** The parts of `Authorization: AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...`. */
export interface Authorization {
  accessKeyId: string;
  /** `YYYYMMDD/region/service/aws4_request`. */
  scope: string;
  signedHeaders: string[];
  /** Hexadecimal, lower case. */
  signature: string;
}

export function parseAuthorization(header: string | undefined): Authorization | undefined {
  if (!header?.startsWith(`${ALGORITHM} `)) return undefined;
  const fields = new Map<string, string>();
  for (const part of header.slice(ALGORITHM.length + 1).split(',')) {
    const at = part.indexOf('=');
    if (at > 0) fields.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  const [accessKeyId, ...scope] = (fields.get('Credential') ?? '').split('/');
  const signedHeaders = (fields.get('SignedHeaders') ?? '').split(';').filter(Boolean);
  const signature = fields.get('Signature') ?? '';
  if (!accessKeyId || scope.length !== 4 || scope[3] !== 'aws4_request') return undefined;
  if (signedHeaders.length === 0 || !/^[0-9a-f]{64}$/.test(signature)) return undefined;
  return { accessKeyId, scope: scope.join('/'), signedHeaders, signature };
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** RFC 3986 encoding: unlike encodeURIComponent it also encodes ! ' ( ) and *. */
const encode = (value: string): string =>
  encodeURIComponent(value).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Every service but S3 signs the path encoded once more than it is sent. */
const canonicalPath = (path: string): string => path.split('/').map(encode).join('/') || '/';

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function canonicalQuery(query: string): string {
  const pairs = query
    .split('&')
    .filter(Boolean)
    .map((pair): [string, string] => {
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      return [encode(decode(name)), encode(decode(value))];
    });
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  pairs.sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function canonicalRequest(request: SignedRequest, signedHeaders: string[]): string {
  const at = request.target.indexOf('?');
  const path = at < 0 ? request.target : request.target.slice(0, at);
  const query = at < 0 ? '' : request.target.slice(at + 1);
  const headers = signedHeaders.map((name) => {
    const value = request.headers[name];
    const joined = (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().replaceAll(/ +/g, ' ');
    return `${name}:${joined}\n`;
  });
  return [
    request.method,
    canonicalPath(path),
    canonicalQuery(query),
    headers.join(''),
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
}

/** The signature that this request should bear; also used to sign in tests. */
export function expectedSignature(
  request: SignedRequest,
  auth: Pick<Authorization, 'scope' | 'signedHeaders'>,
  amzDate: string,
  secretAccessKey: string,
): string {
  const toSign = [ALGORITHM, amzDate, auth.scope, sha256(canonicalRequest(request, auth.signedHeaders))].join('\n');
  let key: string | Buffer = `AWS4${secretAccessKey}`;
  for (const part of auth.scope.split('/')) key = hmac(key, part);
  return hmac(key, toSign).toString('hex');
}

/** `YYYYMMDDTHHMMSSZ` to milliseconds; NaN when it is not of that form. */
export function parseAmzDate(value: string): number {
  const m = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(value);
  return m ? Date.parse(`${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}Z`) : Number.NaN;
}

const formatAmzDate = (at: number): string => new Date(at).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

/**
 * Returns the reason for which a signature is not valid, in AWS's words; undefined if it is valid.
 * @param now milliseconds of wall-clock time, because clients sign with theirs
 */
export function verify(
  request: SignedRequest,
  auth: Authorization,
  secretAccessKey: string,
  now: number,
): string | undefined {
  const amzDate = request.headers['x-amz-date'];
  const at = typeof amzDate === 'string' ? parseAmzDate(amzDate) : Number.NaN;
  if (typeof amzDate !== 'string' || Number.isNaN(at)) return 'A valid X-Amz-Date header is required.';
  if (!auth.scope.startsWith(`${amzDate.slice(0, 8)}/`))
    return `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${auth.scope.slice(0, 8)}' != '${amzDate.slice(0, 8)}'.`;
  // An unsigned host or date would let a captured signature be used elsewhere or later.
  for (const name of ['host', 'x-amz-date'])
    if (!auth.signedHeaders.includes(name)) return `'${name}' must be a signed header in the AWS Authorization header.`;
  const bound = formatAmzDate(now);
  if (at < now - MAX_SKEW_MS)
    return `Signature expired: ${amzDate} is now earlier than ${formatAmzDate(now - MAX_SKEW_MS)} (${bound} - 15 min.)`;
  if (at > now + MAX_SKEW_MS)
    return `Signature not yet current: ${amzDate} is still later than ${formatAmzDate(now + MAX_SKEW_MS)} (${bound} + 15 min.)`;
  const expected = Buffer.from(expectedSignature(request, auth, amzDate, secretAccessKey));
  return timingSafeEqual(expected, Buffer.from(auth.signature)) ? undefined : MISMATCH;
}
