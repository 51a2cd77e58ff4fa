/** Reads members of a call by type. A member of the wrong JSON type is a SerializationException, as on AWS. */
import { AwsError, type Input } from './service.ts';

const typeName = (value: unknown): string =>
  value === null ? 'NULL_VALUE' : Array.isArray(value) ? 'START_ARRAY' : `${typeof value}`.toUpperCase();

function wrongType(name: string, value: unknown, expected: string): AwsError {
  return new AwsError(
    'SerializationException',
    `${typeName(value)} cannot be converted to ${expected} (member ${name})`,
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function text(input: Input, name: string): string | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw wrongType(name, value, 'String');
}

export function integer(input: Input, name: string): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw wrongType(name, value, 'Integer');
}

export function flag(input: Input, name: string): boolean | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrongType(name, value, 'Boolean');
}

export function texts(input: Input, name: string): string[] | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrongType(name, value, 'List');
  return value.map((item) => {
    if (typeof item === 'string') return item;
    throw wrongType(name, item, 'String');
  });
}

export function objects(input: Input, name: string): Input[] | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrongType(name, value, 'List');
  return value.map((item) => {
    if (isObject(item)) return item;
    throw wrongType(name, item, 'Structure');
  });
}

export function object(input: Input, name: string): Input | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || isObject(value)) return value;
  throw wrongType(name, value, 'Map');
}

/** Reads a map whose values are all strings, e.g. queue attributes and tags. */
export function textMap(input: Input, name: string): Record<string, string> | undefined {
  const value = object(input, name);
  if (!value) return undefined;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  for (const [, item] of entries) if (typeof item !== 'string') throw wrongType(name, item, 'String');
  return Object.fromEntries(entries) as Record<string, string>;
}
