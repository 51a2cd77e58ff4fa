/** Serves the one loopback port of the embedded AWS, and hands each request to its service. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerCall, type CallOptions } from './call.ts';
import type { RouteHandler } from './context.ts';
import { BodyReader } from './http-body.ts';
import { refusal } from './http-guard.ts';
import { replyText } from './http-reply.ts';
import { isQuery } from './query-protocol.ts';

export interface EndpointOptions extends Omit<CallOptions, 'bodies'> {
  /** 0 takes any free one. */
  port: number;
  /** Answer requests without `x-amz-target`, in turn, before they are dispatched. */
  routes?: readonly RouteHandler[];
  limits?: Partial<EndpointLimits>;
}

/** Bounds on what clients can make the endpoint hold. Long polls end after 20 s, as SQS bounds them. */
export interface EndpointLimits {
  /** Bytes of one body. The default holds the largest SQS message (1 MiB) even if JSON escapes most of its characters. */
  body: number;
  /** Bytes of all bodies that are being read. A call beyond them gets 503 SlowDown. Default 64 MiB. */
  bodies: number;
  /** Default 2,000. A further connection is closed at once. */
  connections: number;
  /** Milliseconds for the headers of a request. Default 10,000. */
  headersMs: number;
  /** Milliseconds for a whole request with its body. Default 30,000. */
  requestMs: number;
}

const LIMITS: EndpointLimits = {
  body: 8 * 2 ** 20,
  bodies: 64 * 2 ** 20,
  connections: 2_000,
  headersMs: 10_000,
  requestMs: 30_000,
};

export interface Endpoint {
  readonly port: number;
  readonly url: string;
  /** Ends long polls and connections; resolves once the port is free. */
  close(): Promise<void>;
}

/** Milliseconds that calls may take to finish after `close` has aborted them. */
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

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  signal: AbortSignal,
  options: EndpointOptions & CallOptions,
): Promise<void> {
  const refused = refusal(req.headers);
  if (refused !== undefined) {
    req.resume();
    return replyText(res, 403, '-', refused);
  }
  if (await tryRoutes(req, res, options)) return;
  if (req.method === 'POST' || (req.method === 'GET' && isQuery(req))) return answerCall(req, res, signal, options);
  req.resume();
  const known = req.method === 'GET' || req.method === 'HEAD';
  replyText(res, known ? 404 : 405, '-', USAGE);
}

/** Starts to listen on 127.0.0.1. @throws Error that says what to do if the port is not free */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const limits = { ...LIMITS, ...options.limits };
  const calls = { ...options, bodies: new BodyReader({ one: limits.body, all: limits.bodies }) };
  const active = new Set<AbortController>();
  let idle: (() => void) | undefined;
  const timeouts = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    // The longest time that Node takes to notice that one of these is over.
    connectionsCheckingInterval: Math.min(5_000, limits.headersMs, limits.requestMs),
  };
  const server = createServer(timeouts, async (req, res) => {
    const controller = new AbortController();
    active.add(controller);
    // `close` before the reply was finished means that the client hung up.
    res.once('close', () => controller.abort());
    req.on('error', () => controller.abort());
    res.on('error', () => controller.abort());
    try {
      await answer(req, res, controller.signal, calls);
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
  server.maxConnections = limits.connections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT' || !socket.writable) socket.destroy();
    else socket.end('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
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
