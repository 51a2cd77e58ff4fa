/**
 * The one loopback port of the embedded AWS: an HTTP server that hands each request to a service by its `x-amz-target`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerCall, type CallOptions } from './call.ts';
import type { RouteHandler } from './context.ts';
import { refusal } from './http-guard.ts';
import { replyText } from './http-reply.ts';

export interface EndpointOptions extends Omit<CallOptions, 'bodyLimit'> {
  /** 0 takes any free one. */
  port: number;
  /** Asked in turn before dispatch, for requests that carry no `x-amz-target`. */
  routes?: readonly RouteHandler[];
  /** Bytes. The default holds the largest SQS message (1 MiB) even if JSON escapes most of its characters. */
  bodyLimit?: number;
}

export interface Endpoint {
  readonly port: number;
  readonly url: string;
  /** Ends long polls and connections; resolves once the port is free. */
  close(): Promise<void>;
}

const DEFAULT_BODY_LIMIT = 8 * 1024 * 1024;
/** How long calls that are being answered may take to finish once `close` has aborted them. */
const CLOSE_GRACE_MS = 500;

const USAGE =
  'This is an embedded AWS endpoint. Point an AWS client at it, for example:\n' +
  '  aws --endpoint-url http://127.0.0.1:PORT sqs list-queues';

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new Error(
      `Port ${port} on 127.0.0.1 is taken, perhaps by another run of this program. ` +
        'End that one, or choose another port (0 takes any free one).',
      { cause: error },
    );
  if (error.code === 'EACCES')
    return new Error(`Port ${port} may not be used by this user; choose one above 1023.`, { cause: error });
  return error;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, port)));
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function tryRoutes(req: IncomingMessage, res: ServerResponse, options: EndpointOptions): Promise<boolean> {
  if (!options.routes?.length || req.headers['x-amz-target'] !== undefined) return false;
  let url: URL;
  try {
    url = new URL(req.url ?? '/', 'http://127.0.0.1');
  } catch {
    return false;
  }
  for (const route of options.routes) if (await route(req, res, url)) return true;
  return false;
}

async function answer(req: IncomingMessage, res: ServerResponse, signal: AbortSignal, options: EndpointOptions) {
  const refused = refusal(req.headers);
  if (refused !== undefined) {
    req.resume();
    return replyText(res, 403, '-', refused);
  }
  if (await tryRoutes(req, res, options)) return;
  if (req.method === 'POST')
    return answerCall(req, res, signal, { ...options, bodyLimit: options.bodyLimit ?? DEFAULT_BODY_LIMIT });
  req.resume();
  const known = req.method === 'GET' || req.method === 'HEAD';
  replyText(res, known ? 404 : 405, '-', USAGE);
}

/** Starts listening on 127.0.0.1. @throws Error that says what to do when the port cannot be had */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const active = new Set<AbortController>();
  let idle: (() => void) | undefined;
  const server = createServer(async (req, res) => {
    const controller = new AbortController();
    active.add(controller);
    // `close` before the reply was finished means that the client hung up.
    res.once('close', () => controller.abort());
    req.on('error', () => controller.abort());
    res.on('error', () => controller.abort());
    try {
      await answer(req, res, controller.signal, options);
    } catch (error) {
      options.onProblem(`A request to the embedded AWS failed: ${error}`, error);
      if (res.headersSent) res.destroy();
      else replyText(res, 500, '-', 'Internal failure');
    } finally {
      active.delete(controller);
      if (active.size === 0) idle?.();
    }
  });
  // A long poll lasts 20 s, and clients keep connections between calls for longer than Node's default of 5 s.
  server.keepAliveTimeout = 60_000;
  server.on('clientError', (_error, socket) => socket.destroy());
  const port = await listen(server, options.port);
  server.on('error', (error) => options.onProblem(`The embedded AWS endpoint failed: ${error.message}`, error));
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const controller of active) controller.abort();
    if (active.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, CLOSE_GRACE_MS);
        idle = () => {
          clearTimeout(timer);
          // One turn of the event loop lets the last reply reach its socket.
          setImmediate(resolve);
        };
      });
    }
    server.closeAllConnections();
    await closed;
  };
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close() {
      closing ??= close();
      return closing;
    },
  };
}
