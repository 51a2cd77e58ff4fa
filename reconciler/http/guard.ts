import type { RequestHandler } from 'express';

/**
 * Refuses requests that a web page could have been tricked into making: a Host that is not ours (DNS rebinding), an
 * Origin that is not the page's own. Health checks are exempt, since load balancers send their own Host.
 */
export function sameOrigin(allowed: readonly string[]): RequestHandler {
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]', ...allowed]);
  return (request, response, next) => {
    const host = hostname(request.headers.host);
    if (!host || !hosts.has(host)) {
      response.status(403).json({ error: `host ${host ?? '(none)'} is not served; add it with --allowed-hosts` });
      return;
    }
    const { origin } = request.headers;
    if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== request.headers.host)) {
      response.status(403).json({ error: 'requests from other origins are refused' });
      return;
    }
    next();
  };
}

function hostname(header: string | undefined): string | undefined {
  return header && URL.canParse(`http://${header}`) ? new URL(`http://${header}`).hostname : undefined;
}
