/**
 * Lets programs on this machine talk to the endpoint, and never a web page in the user's browser.
 *
 * A page could reach a loopback port directly (cross-site request) or by a DNS name that it re-points to 127.0.0.1
 * (DNS rebinding). Browsers mark the first with Origin or Sec-Fetch-Site, and the second shows in the Host header.
 */
import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/** Returns the reason for which a request is refused, in words for its sender; undefined if it may pass. */
export function refusal(headers: IncomingHttpHeaders): string | undefined {
  if (!LOOPBACK_HOST.test(headers.host ?? ''))
    return `This endpoint only answers requests for 127.0.0.1 or localhost, not for Host "${headers.host ?? ''}".`;
  if (headers.origin !== undefined)
    return 'This endpoint answers programs, not web pages: requests with an Origin header are refused.';
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'none')
    return 'This endpoint answers programs, not web pages: requests with Sec-Fetch-Site are refused.';
  return undefined;
}
