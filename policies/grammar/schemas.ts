import type { z } from 'zod';

/** Returns the schemas of parts (strategies, faults) as a tuple, from which a union of the document is made. */
export function schemasOf<const P extends readonly { schema: z.ZodType }[]>(
  parts: P,
): { [K in keyof P]: P[K]['schema'] } {
  // `map` forgets that a tuple keeps its length and order.
  return parts.map(({ schema }) => schema) as { [K in keyof P]: P[K]['schema'] };
}
