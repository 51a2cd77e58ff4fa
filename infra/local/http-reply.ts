/** Sends replies. */
import type { ServerResponse } from 'node:http';
import { AwsError } from './service.ts';

/** Sends a reply, unless one was sent before or the client has hung up. */
export function send(res: ServerResponse, status: number, requestId: string, type: string, body: string): void {
  if (res.headersSent || res.destroyed) return;
  const bytes = Buffer.from(body, 'utf8');
  res.writeHead(status, { 'x-amzn-RequestId': requestId, 'content-type': type, 'content-length': bytes.length });
  res.end(bytes);
}

export function replyText(res: ServerResponse, status: number, requestId: string, body: string): void {
  send(res, status, requestId, 'text/plain; charset=utf-8', `${body}\n`);
}

/**
 * Makes the error for an exception that is our own fault. The caller learns no more, as on AWS; a hook gets the detail.
 */
export const internalFailure = (): AwsError =>
  new AwsError('InternalFailure', 'The request processing has failed because of an unknown error.', { status: 500 });
