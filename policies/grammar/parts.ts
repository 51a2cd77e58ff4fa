/** Reading of stored JSON part by part: damaged parts are dropped with a warning, the rest is used. */
import type { z } from 'zod';

/** Receives one sentence about each dropped part. */
export type Warn = (text: string) => void;

type Shape = Record<string, z.ZodType>;
export type Parts<S extends Shape> = { [K in keyof S]?: z.output<S[K]> };

/** Returns true for an object that is neither null nor an array. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns a value that fits its schema; undefined, with a warning, for one that does not. `where` names it. */
export function fitting<T>(schema: z.ZodType<T>, value: unknown, where: string, warn: Warn): T | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = [where, ...(issue?.path ?? [])].join('.');
  warn(`${place}: ${issue?.message ?? 'does not fit'}; it is left out`);
  return undefined;
}

/** Returns the fields of `value` that fit their schemas. `where` names the value in warnings. */
export function partsOf<S extends Shape>(shape: S, value: unknown, where: string, warn: Warn): Parts<S> {
  const found: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(recordOf(value, where, warn))) {
    const schema = shape[key];
    if (!schema || item === undefined) continue;
    const fits = fitting(schema, item, `${where}.${key}`, warn);
    if (fits !== undefined) found[key] = fits;
  }
  // Each key of `found` is one of `shape`, with a value that its schema gave.
  return found as Parts<S>;
}

/** Returns the items of a list of which `read` makes something. */
export function itemsOf<T>(
  value: unknown,
  where: string,
  warn: Warn,
  read: (item: unknown, where: string, warn: Warn) => T | undefined,
): T[] {
  if (!Array.isArray(value)) {
    if (value !== undefined) warn(`${where}: is no list; it is left out`);
    return [];
  }
  return value.flatMap((item: unknown, i) => {
    const found = read(item, `${where}[${i}]`, warn);
    return found === undefined ? [] : [found];
  });
}

/** Returns the entries of an object whose values fit a schema. */
export function entriesOf<T>(schema: z.ZodType<T>, value: unknown, where: string, warn: Warn): Record<string, T> {
  return Object.fromEntries(
    Object.entries(recordOf(value, where, warn)).flatMap(([key, item]) => {
      const fits = fitting(schema, item, `${where}.${key}`, warn);
      return fits === undefined ? [] : [[key, fits] as const];
    }),
  );
}

function recordOf(value: unknown, where: string, warn: Warn): Record<string, unknown> {
  if (isRecord(value)) return value;
  if (value !== undefined) warn(`${where}: is no object; it is left out`);
  return {};
}
