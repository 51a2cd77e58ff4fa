import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Registry } from 'prom-client';
import type { Reporter } from '../report/reporter.ts';
import { api } from './api.ts';
import { boundConnections } from './connections.ts';
import { sameOrigin, type WriteSettings } from './guard.ts';
import { type Health, liveness, readiness } from './health.ts';
import type { Live } from './live.ts';
import { page } from './page.ts';
import { PageStream } from './stream.ts';

export interface HttpSettings extends WriteSettings {
  host: string;
  port: number;
  allowedHosts: readonly string[];
  /** Milliseconds between two looks for changed policies. */
  pollInterval: number;
}

export interface Http {
  url: string;
  /** The reporter that keeps open pages up to date. */
  stream: Reporter;
  close: () => void;
}

/** A client that sends nothing, or slowly, is cut off after this many milliseconds. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 20_000;
/** A connection on which nothing moves, in or out, is closed after this many milliseconds. Open pages get heartbeats. */
const IDLE_TIMEOUT_MS = 30_000;
/** A page holds one connection and opens a few more for a moment. */
const MOST_CONNECTIONS = 500;

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Starts HTTP. Rejects when the port is taken, with words that say what to do. */
export async function listen(live: Live, registry: Registry, settings: HttpSettings): Promise<Http> {
  const stream = new PageStream(live);
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 5_000,
  };
  const server = createServer(limits, appOf(live, stream, registry, settings));
  server.timeout = IDLE_TIMEOUT_MS;
  boundConnections(server, MOST_CONNECTIONS);
  const port = await listening(server, settings);
  const { host } = settings;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    stream,
    close: () => {
      stream.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

function appOf(live: Live, stream: PageStream, registry: Registry, settings: HttpSettings): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set(HEADERS);
    next();
  });
  // Before the host check: load balancers and container agents send whatever Host they like.
  app.get('/healthz', (_request, response) => answer(response, liveness(live, settings.pollInterval, Date.now())));
  app.get('/readyz', (_request, response) => answer(response, readiness(live)));
  app.use(sameOrigin(settings.allowedHosts));
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  app.use('/api', api(live, stream, settings));
  app.use(page());
  app.use((request, response) => {
    response.status(404).json({ error: `there is nothing at ${request.path}` });
  });
  app.use(onError);
  return app;
}

const answer = (response: express.Response, health: Health): void =>
  void response.status(health.ok ? 200 : 503).json(health);

/** Answers what a handler threw. A body that cannot be read is the sender's fault and has a status of its own. */
const onError: ErrorRequestHandler = (error: Error & { status?: number }, _request, response, _next) => {
  if (response.headersSent) response.destroy();
  else response.status(error.status ?? 500).json({ error: error.message });
};

/** Resolves to the port that the server listens on. */
function listening(server: Server, { host, port }: HttpSettings): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`port ${port} is taken; choose another with --port, or 0 for any free one`)
          : error,
      ),
    );
    server.listen(port, host, () => resolve(portOf(server.address(), port)));
  });
}

const portOf = (address: AddressInfo | string | null, wanted: number): number =>
  typeof address === 'object' && address !== null ? address.port : wanted;
