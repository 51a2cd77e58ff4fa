/** The request parameter: `sluice chaos run|stop` writes requests to it, and the watch reads them. */
import { z } from 'zod';
import { isoTime } from '../grammar/fields.ts';
import { fitting, isRecord, itemsOf } from '../grammar/parts.ts';
import type { ChaosRequest } from '../model/observation.ts';

const request = z.object({
  id: z.string().min(1).max(64),
  action: z.enum(['run', 'stop']),
  experiment: z.string().max(128).exactOptional(),
  expiresAt: isoTime,
  by: z.string().max(128).exactOptional(),
});

/** Returns the parameter's requests that are whole, and the first problem with the others. Never throws. */
export function parseRequests(text: string): { requests: ChaosRequest[]; problem?: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { requests: [], problem: `not valid JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (!isRecord(value) || !Array.isArray(value.requests)) return { requests: [], problem: 'requests: is no list' };
  const problems: string[] = [];
  const requests = itemsOf(
    value.requests,
    'requests',
    (problem) => problems.push(problem),
    (item, where, warn) => fitting(request, item, where, warn),
  );
  const [problem] = problems;
  return { requests, ...(problem === undefined ? {} : { problem }) };
}

/** Returns the parameter's text for these requests. */
export const formatRequests = (requests: readonly ChaosRequest[]): string =>
  JSON.stringify({ requests: requests.map((r) => ({ ...r, expiresAt: new Date(r.expiresAt).toISOString() })) });
