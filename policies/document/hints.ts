import { z } from 'zod';
import { didYouMean, suggest } from '../grammar/suggest.ts';

/** The field names that the schema knows at a path of a value; unions are followed by their discriminator. */
export function knownKeysAt(schema: z.core.$ZodType, path: readonly (string | number)[], value: unknown): string[] {
  const below = path.reduce<unknown>((v, key) => (v as Record<string | number, unknown> | undefined)?.[key], value);
  const inner = unwrap(schemaAt(schema, path, value), below);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function unwrap(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  const bare = withoutDefault(schema);
  if (bare !== schema) return unwrap(bare, value);
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator, options } = schema.def;
    const kind = (value as Record<string, unknown> | undefined)?.[discriminator];
    const match = options.find((o) => o instanceof z.ZodObject && literalOf(o.shape[discriminator]) === kind);
    return match ? unwrap(match, value) : schema;
  }
  return schema;
}

function literalOf(schema: unknown): unknown {
  return schema instanceof z.ZodLiteral ? [...schema.values][0] : undefined;
}

/** What to do about an issue, where more can be said than its message does. */
export function hintFor(issue: z.core.$ZodIssue, given: unknown, kinds: readonly string[]): string | undefined {
  if (issue.code === 'invalid_value' && typeof given === 'string') {
    const near = suggest(given, issue.values.map(String));
    return near ? `did you mean ${near}?` : undefined;
  }
  if (issue.code === 'invalid_union' && kinds.length > 0)
    return didYouMean(typeof given === 'string' ? given : '', kinds);
  if (given === null) return 'nothing stands after the colon';
  if (issue.code === 'invalid_type' && issue.expected === 'number' && typeof given === 'string')
    return 'without quotes and unit';
  return undefined;
}

/** The values that a union's discriminator may have, for a `path` that ends in the discriminator. */
export function kindsAt(schema: z.core.$ZodType, path: readonly (string | number)[], value: unknown): string[] {
  const union = schemaAt(schema, path.slice(0, -1), value);
  if (!(union instanceof z.ZodDiscriminatedUnion)) return [];
  return union.def.options.flatMap((o) =>
    o instanceof z.ZodObject ? [String(literalOf(o.shape[union.def.discriminator]))] : [],
  );
}

/** The schema at a path; a union is not followed into its kinds at the path's end. */
function schemaAt(schema: z.core.$ZodType, path: readonly (string | number)[], value: unknown): z.core.$ZodType {
  const inner = path.length === 0 ? withoutDefault(schema) : unwrap(schema, value);
  const [key, ...rest] = path;
  if (key === undefined) return inner;
  const below = (value as Record<string | number, unknown> | undefined)?.[key];
  if (inner instanceof z.ZodArray) return schemaAt(inner.element, rest, below);
  return inner instanceof z.ZodObject && key in inner.shape ? schemaAt(inner.shape[key], rest, below) : inner;
}

function withoutDefault(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodPipe) return withoutDefault(schema.def.in);
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return wrapped ? withoutDefault(schema.def.innerType) : schema;
}
