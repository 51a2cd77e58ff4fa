import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import type { Registry } from 'prom-client';
import type { Settings } from '../settings.ts';
import { api } from './api.ts';
import { sameOrigin } from './guard.ts';
import { type Health, liveness, readiness } from './health.ts';
import type { Live } from './live.ts';
import { page } from './page.ts';

/** Starts HTTP. A port that is taken is an error that says what to do. */
export function listen(live: Live, registry: Registry, settings: Settings): Promise<{ url: string; server: Server }> {
  const { host, port, allowedHosts, pollInterval } = settings;
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    next();
  });
  const answer = (health: Health): [number, object] => [health.ok ? 200 : 503, health];
  // Before the host check: load balancers and container agents send whatever Host they like.
  app.get('/healthz', (_request, response) => {
    const [code, body] = answer(liveness(live, pollInterval, Date.now()));
    response.status(code).json(body);
  });
  app.get('/readyz', (_request, response) => {
    const [code, body] = answer(readiness(live));
    response.status(code).json(body);
  });
  app.use(sameOrigin(allowedHosts));
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  app.use('/api', api(live, settings));
  app.use(page());
  app.use((request, response) => {
    response.status(404).json({ error: `nothing at ${request.path}` });
  });
  const onError: ErrorRequestHandler = (error: Error, _request, response, _next) => {
    // A body that cannot be read is the sender's to mend.
    const status = (error as Error & { status?: number }).status ?? 500;
    response.status(status).json({ error: error.message });
  };
  app.use(onError);

  return new Promise((resolve, reject) => {
    const server = app.listen(port, host, (error?: Error) => {
      if (error) {
        reject(
          (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
            ? new Error(`port ${port} is taken; choose another with --port, or 0 for any free one`)
            : error,
        );
        return;
      }
      const bound = (server.address() as AddressInfo).port;
      resolve({ url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, server });
    });
  });
}
