/** The request parameter: what people ask for, written by `sluice chaos run|stop` and read by the watch. */
import { z } from 'zod';
import type { ChaosRequest } from '../model/observation.ts';

const time = z.string().transform((text, context) => {
  const at = Date.parse(text);
  if (!Number.isFinite(at)) context.addIssue({ code: 'custom', message: 'must be an ISO 8601 time' });
  return at;
});

const schema = z.object({
  requests: z.array(
    z.object({
      id: z.string().min(1).max(64),
      action: z.enum(['run', 'stop']),
      experiment: z.string().max(128).optional(),
      expiresAt: time,
      by: z.string().max(128).optional(),
    }),
  ),
});

/** What stands in the parameter, or what is wrong with it. Never throws. */
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

export const formatRequests = (requests: readonly ChaosRequest[]): string =>
  JSON.stringify({ requests: requests.map((r) => ({ ...r, expiresAt: new Date(r.expiresAt).toISOString() })) });
