/** The request parameter: `sluice chaos run|stop` writes requests to it, and the watch reads them. */
import { z } from 'zod';
import { isoTime } from '../grammar/fields.ts';
import type { ChaosRequest } from '../model/observation.ts';

const schema = z.object({
  requests: z.array(
    z.object({
      id: z.string().min(1).max(64),
      action: z.enum(['run', 'stop']),
      experiment: z.string().max(128).optional(),
      expiresAt: isoTime,
      by: z.string().max(128).optional(),
    }),
  ),
});

/** Returns the parameter's requests, or the problem with its text. Never throws. */
export function parseRequests(text: string): { requests: ChaosRequest[] } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `not valid JSON: ${(error as Error).message}` };
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `${issue?.path.join('.') || '(the whole)'}: ${issue?.message}` };
  }
  return {
    requests: parsed.data.requests.map(({ experiment, by, ...rest }) => ({
      ...rest,
      ...(experiment === undefined ? {} : { experiment }),
      ...(by === undefined ? {} : { by }),
    })),
  };
}

/** Returns the parameter's text for these requests. */
export const formatRequests = (requests: readonly ChaosRequest[]): string =>
  JSON.stringify({ requests: requests.map((r) => ({ ...r, expiresAt: new Date(r.expiresAt).toISOString() })) });
