/** Reading of stored JSON part by part: damaged parts are dropped with a warning, the rest is used. */
import type { z } from 'zod';

/** Receives one sentence about each dropped part. */
export type Warn = (text: string) => void;

type Shape = Record<string, z.ZodType>;
export type Parts<S extends Shape> = { [K in keyof S]?: z.output<S[K]> };

/** Returns true for an object that is neither null nor an array. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the fields of `value` that fit their schemas. `where` names the value in warnings. */
export function partsOf<S extends Shape>(shape: S, value: unknown, where: string, warn: Warn): Parts<S> {
  if (!isRecord(value)) {
    if (value !== undefined) warn(`${where}: is no object; it is left out`);
    return {};
  }
  const found: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    if (!Object.hasOwn(value, key) || value[key] === undefined) continue;
    const parsed = schema.safeParse(value[key]);
    if (parsed.success) found[key] = parsed.data;
    else warn(`${where}.${key}: ${parsed.error.issues[0]?.message ?? 'does not fit'}; it is left out`);
  }
  return found as Parts<S>;
}

/** Returns what `read` makes of each item of a list, without the items of which it makes nothing. */
export function itemsOf<T>(
  value: unknown,
  where: string,
  warn: Warn,
  read: (item: unknown, where: string) => T | undefined,
): T[] {
  if (!Array.isArray(value)) {
    if (value !== undefined) warn(`${where}: is no list; it is left out`);
    return [];
  }
  return value.flatMap((item: unknown, i) => {
    const found = read(item, `${where}[${i}]`);
    return found === undefined ? [] : [found];
  });
}

/** Returns the entries of an object whose values fit a schema. */
export function entriesOf<T>(schema: z.ZodType<T>, value: unknown, where: string, warn: Warn): Record<string, T> {
  if (!isRecord(value)) {
    if (value !== undefined) warn(`${where}: is no object; it is left out`);
    return {};
  }
  const found: [string, T][] = [];
  for (const [key, item] of Object.entries(value)) {
    const parsed = schema.safeParse(item);
    if (parsed.success) found.push([key, parsed.data]);
    else warn(`${where}.${key}: ${parsed.error.issues[0]?.message ?? 'does not fit'}; it is left out`);
  }
  return Object.fromEntries(found);
}
