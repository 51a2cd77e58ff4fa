/** The places of a document in its schema, so that a problem can name the fields and kinds that are known there. */
import { z } from 'zod';

type Schema = z.core.$ZodType;
type Path = readonly (string | number)[];

/** An object of the document: the fields that it may have, and its kind when the schema knows several. */
export interface Place {
  fields: string[];
  /** Present for one kind of a union, such as `type: threshold` or `method: queuePolicy`. */
  kind?: { discriminator: string; name: string; others: { name: string; fields: string[] }[] };
}

/** Returns the place at a path of a value; undefined when no object belongs there. Unions are followed by their value. */
export function placeAt(schema: Schema, path: Path, value: unknown): Place | undefined {
  let here: Schema = schema;
  let below = value;
  for (const key of path) {
    const inner = resolve(here, below);
    const next =
      inner instanceof z.ZodArray ? inner.element : inner instanceof z.ZodObject ? inner.shape[key] : undefined;
    if (!next) return undefined;
    here = next;
    below = childOf(below, key);
  }
  return describe(here, below);
}

function describe(schema: Schema, value: unknown): Place | undefined {
  const bare = withoutDefault(schema);
  if (bare instanceof z.ZodObject) return { fields: Object.keys(bare.shape) };
  if (!(bare instanceof z.ZodDiscriminatedUnion)) return undefined;
  const { discriminator, options } = bare.def;
  const match = optionFor(bare, value);
  // A union within a union: its own discriminator tells the kinds apart.
  if (!(match instanceof z.ZodObject)) return match && describe(match, value);
  const others = options.flatMap((option) =>
    option instanceof z.ZodObject && option !== match
      ? [{ name: nameOf(option, discriminator), fields: Object.keys(option.shape) }]
      : [],
  );
  return {
    fields: Object.keys(match.shape),
    kind: { discriminator, name: nameOf(match, discriminator), others },
  };
}

/** The object that a schema asks for, as far as the value tells which. */
function resolve(schema: Schema, value: unknown): Schema | undefined {
  const bare = withoutDefault(schema);
  if (!(bare instanceof z.ZodDiscriminatedUnion)) return bare;
  const match = optionFor(bare, value);
  return match && resolve(match, value);
}

function optionFor(union: z.ZodDiscriminatedUnion, value: unknown): Schema | undefined {
  const { discriminator, options } = union.def;
  return options.find((option) => admits(option, discriminator, childOf(value, discriminator)));
}

function admits(option: Schema, discriminator: string, kind: unknown): boolean {
  if (option instanceof z.ZodDiscriminatedUnion) return option.def.options.some((o) => admits(o, discriminator, kind));
  return option instanceof z.ZodObject && z.safeParse(option.shape[discriminator], kind).success;
}

function nameOf(option: z.ZodObject, discriminator: string): string {
  const literal = withoutDefault(option.shape[discriminator]);
  return literal instanceof z.ZodLiteral ? String([...literal.values][0]) : '';
}

function withoutDefault(schema: Schema): Schema {
  if (schema instanceof z.ZodPipe) return withoutDefault(schema.def.in);
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return wrapped ? withoutDefault(schema.def.innerType) : schema;
}

/** Returns the child of a value; undefined when the value has none. */
export const childOf = (value: unknown, key: string | number): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([k]) => k === String(key))?.[1] : undefined;
