import { z } from 'zod';
import { suggest } from './suggest.ts';

/** The field names that the schema knows at a path of a value; unions are followed by their discriminator. */
export function knownKeysAt(schema: z.core.$ZodType, path: readonly (string | number)[], value: unknown): string[] {
  const inner = unwrap(schema, value);
  if (path.length === 0) return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
  const [key, ...rest] = path;
  const below = (value as Record<string | number, unknown> | undefined)?.[key!];
  if (inner instanceof z.ZodArray) return knownKeysAt(inner.element, rest, below);
  if (inner instanceof z.ZodObject && key! in inner.shape) return knownKeysAt(inner.shape[key!], rest, below);
  return [];
}

function unwrap(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrap(schema.def.innerType, value);
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
export function hintFor(issue: z.core.$ZodIssue, given: unknown): string | undefined {
  if (issue.code === 'invalid_value' && typeof given === 'string') {
    const near = suggest(given, issue.values.map(String));
    return near ? `did you mean ${near}?` : undefined;
  }
  if (issue.code === 'invalid_union' && 'discriminator' in issue && issue.discriminator) return kinds(given);
  if (given === null) return 'nothing stands after the colon';
  if (issue.code === 'invalid_type' && issue.expected === 'number' && typeof given === 'string')
    return 'without quotes and unit';
  return undefined;
}

/** The strategies' names, for a union that knows no such kind. */
const STRATEGIES = ['threshold', 'backlogPerWorker', 'step', 'schedule'];

function kinds(given: unknown): string {
  const near = typeof given === 'string' ? suggest(given, STRATEGIES) : undefined;
  return near ? `did you mean ${near}?` : `one of ${STRATEGIES.join(', ')}`;
}
