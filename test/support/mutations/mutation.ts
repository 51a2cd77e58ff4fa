/** Every way in which an answer of AWS is made wrong: each field of it, and the answer as a whole. Pure. */

/** Ways to damage one field. */
export const FIELD_KINDS = ['drop', 'null', 'empty', 'wrongType', 'negative', 'fraction', 'huge'] as const;
/** Ways to damage a whole answer, or its way back. */
export const WHOLE_KINDS = [
  'emptyObject',
  'emptyBody',
  'array',
  'truncated',
  'endlessToken',
  'html',
  'error500',
  'reset',
  'hung',
  'late',
  'replyLost',
] as const;

export type FieldKind = (typeof FIELD_KINDS)[number];
export type WholeKind = (typeof WHOLE_KINDS)[number];

/** Keys from the root; `*` stands for each element of an array. */
export type Path = readonly string[];

export interface FieldMutation {
  /** Such as `DescribeServices`. */
  operation: string;
  path: Path;
  kind: FieldKind;
}
export interface WholeMutation {
  operation: string;
  kind: WholeKind;
}
export type Mutation = FieldMutation | WholeMutation;

/** Returns one line that names a mutation, such as `DescribeServices services.*.desiredCount negative`. */
export const describe = (mutation: Mutation): string =>
  'path' in mutation
    ? `${mutation.operation} ${mutation.path.join('.')} ${mutation.kind}`
    : `${mutation.operation} ${mutation.kind}`;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the paths of all fields of an answer, each once: elements of an array share their paths. */
export function pathsOf(answer: Json): Path[] {
  const found = new Map<string, Path>();
  const visit = (value: Json, path: Path): void => {
    if (path.length > 0 && path.at(-1) !== '*') found.set(path.join('.'), path);
    if (Array.isArray(value)) for (const item of value) visit(item, [...path, '*']);
    else if (isObject(value)) for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
  };
  visit(answer, []);
  return [...found.values()];
}

/** Returns every mutation of an operation that answers like this. */
export const mutationsOf = (operation: string, answer: Json): Mutation[] => [
  ...pathsOf(answer).flatMap((path) => FIELD_KINDS.map((kind): Mutation => ({ operation, path, kind }))),
  ...WHOLE_KINDS.map((kind): Mutation => ({ operation, kind })),
];

/** A number in a string stays one: a grammar of digits must refuse it, and not only a check of types. */
function spoilt(value: Json, kind: Exclude<FieldKind, 'drop'>): Json {
  const text = typeof value === 'string' && /^\d+$/.test(value);
  const number = (n: number): Json => (text ? String(n) : n);
  switch (kind) {
    case 'null':
      return null;
    case 'empty':
      return Array.isArray(value) ? [] : isObject(value) ? {} : '';
    case 'wrongType':
      return typeof value === 'string' ? [value] : typeof value === 'number' ? String(value) : 'yes';
    case 'negative':
      return number(-1);
    case 'fraction':
      return number(1.5);
    case 'huge':
      return number(1e21);
  }
}

/**
 * Returns a copy of an answer with one field damaged, in each place where the path leads.
 *
 * @param concerns elements of an array that are left alone unless it holds; if it holds for none, all are damaged
 */
export function damage(answer: Json, { path, kind }: FieldMutation, concerns: (item: Json) => boolean): Json {
  const visit = (value: Json, [key, ...rest]: Path): Json => {
    if (key === '*') {
      if (!Array.isArray(value)) return value;
      const any = value.some(concerns);
      return value.map((item) => (any && !concerns(item) ? item : visit(item, rest)));
    }
    if (key === undefined || !isObject(value) || !(key in value)) return value;
    const { [key]: old, ...others } = value;
    if (rest.length > 0) return { ...value, [key]: visit(old!, rest) };
    return kind === 'drop' ? others : { ...value, [key]: spoilt(old!, kind) };
  };
  return visit(answer, path);
}
