import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';

/**
 * Refuses requests that a web page could have been tricked into making: a Host that is not allowed (DNS rebinding), or an
 * Origin that is not the page's own. Health checks are exempt, since load balancers send their own Host.
 */
export function sameOrigin(allowed: readonly string[]): RequestHandler {
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]', ...allowed]);
  return (request, response, next) => {
    const host = hostname(request.headers.host);
    if (!host || !hosts.has(host)) {
      response.status(403).json({ error: `host ${host ?? '(none)'} is not allowed; add it with --allowed-hosts` });
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

export interface WriteSettings {
  token: string | undefined;
  localWrites: boolean;
}

/** Returns how somebody may write: with a token, freely (on loopback, where `sluice up` says so), or not at all. */
export function writesAllowed({ token, localWrites }: WriteSettings, { socket }: Request): 'token' | 'free' | 'no' {
  if (localWrites && isLoopbackAddress(socket.remoteAddress)) return 'free';
  return token === undefined ? 'no' : 'token';
}

/**
 * Lets a write pass that has the bearer token, or comes from this machine where that is enough. Only JSON is accepted: no
 * page of another origin can send it without asking first.
 */
export function mayWrite(settings: WriteSettings): RequestHandler {
  return (request, response, next) => {
    const allowed = writesAllowed(settings, request);
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (!request.is('application/json')) response.status(415).json({ error: 'send application/json' });
    else if (allowed === 'free' || (settings.token !== undefined && given !== undefined && same(given, settings.token)))
      next();
    else if (allowed === 'no')
      response.status(403).json({ error: 'writes are switched off; start Sluice with --token to allow them' });
    else response.status(401).set('www-authenticate', 'Bearer').json({ error: 'a bearer token is needed' });
  };
}

/** Compares two texts in a time that does not depend on where they differ. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

const isLoopbackAddress = (address = ''): boolean => /^(127\.|::1$|::ffff:127\.)/.test(address);

function hostname(header: string | undefined): string | undefined {
  return header && URL.canParse(`http://${header}`) ? new URL(`http://${header}`).hostname : undefined;
}
