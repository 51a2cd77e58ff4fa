/**
 * Reads the filters of DescribeParameters and GetParametersByPath. Source: SSM API Reference, ParameterStringFilter.
 */
import { objects, text, texts } from '../input.ts';
import type { Input } from '../service.ts';
import { simple, validation } from './errors.ts';
import { latest, type Parameter } from './parameter.ts';

export type Filter = (parameter: Parameter) => boolean;

interface Key {
  options: readonly string[];
  /** Returns the values of a parameter that are compared. */
  read(parameter: Parameter, key: string): string[];
}

const plain = ['Equals', 'BeginsWith'];

const tagValue = ({ tags }: Parameter, key: string): string[] =>
  Object.hasOwn(tags, key) && tags[key] !== undefined ? [tags[key]] : [];

const KEYS: Record<string, Key> = {
  Name: { options: [...plain, 'Contains'], read: (p) => [p.name] },
  Type: { options: plain, read: (p) => [latest(p).type] },
  KeyId: { options: plain, read: (p) => [latest(p).keyId ?? ''] },
  Tier: { options: ['Equals'], read: (p) => [latest(p).tier] },
  DataType: { options: plain, read: (p) => [latest(p).dataType] },
  Label: { options: ['Equals'], read: (p) => p.versions.flatMap((version) => version.labels) },
  tag: { options: ['Equals'], read: (p, key) => tagValue(p, key.slice('tag:'.length)) },
  Path: { options: ['Recursive', 'OneLevel'], read: (p) => [p.name] },
};

/** Returns whether `name` lies below `path`. */
export function isUnder(name: string, path: string, recursive: boolean): boolean {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  const full = name.startsWith('/') ? name : `/${name}`;
  if (!full.startsWith(prefix)) return false;
  return recursive || !full.slice(prefix.length).includes('/');
}

function compare(option: string, have: string, want: string): boolean {
  switch (option) {
    case 'BeginsWith':
      return have.startsWith(want);
    case 'Contains':
      return have.includes(want);
    case 'Recursive':
    case 'OneLevel':
      return isUnder(have, want, option === 'Recursive');
    default:
      return have === want;
  }
}

function filter(raw: Input, allowed: readonly string[]): Filter {
  const key = text(raw, 'Key') ?? '';
  const kind = key.startsWith('tag:') ? 'tag' : key;
  const rule = KEYS[kind];
  if (!rule || !allowed.includes(kind))
    throw simple('InvalidFilterKey', `The specified filter key "${key}" is not valid. Valid: ${allowed.join(', ')}.`);
  const values = texts(raw, 'Values') ?? [];
  const option = text(raw, 'Option') ?? (kind === 'Path' ? 'OneLevel' : 'Equals');
  if (!rule.options.includes(option))
    throw simple('InvalidFilterOption', `The filter option "${option}" is not valid for ${key}.`);
  if (values.length === 0 && kind !== 'tag')
    throw simple('InvalidFilterValue', `The filter "${key}" needs at least one value.`);
  return (parameter) => {
    const have = rule.read(parameter, key);
    if (values.length === 0) return have.length > 0;
    return have.some((value) => values.some((want) => compare(option, value, want)));
  };
}

export function readFilters(input: Input, allowed: readonly string[]): Filter {
  const filters = (objects(input, 'ParameterFilters') ?? []).map((raw) => filter(raw, allowed));
  // The older `Filters` of DescribeParameters: a key with values that names begin with.
  const older = (objects(input, 'Filters') ?? []).map((raw) =>
    filter({ ...raw, Option: text(raw, 'Key') === 'Name' ? 'BeginsWith' : 'Equals' }, ['Name', 'Type', 'KeyId']),
  );
  if (filters.length > 0 && older.length > 0)
    throw validation('You can use either Filters or ParameterFilters in a single request.');
  return (parameter) => [...filters, ...older].every((each) => each(parameter));
}
