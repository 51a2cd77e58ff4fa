/** Mutations of JSON as accidents and other programs make them: any part dropped, emptied, of another type, out of range. */
import fc from 'fast-check';

type Path = (string | number)[];

const REPLACEMENTS: unknown[] = [
  null,
  '',
  ' ',
  'x',
  '0x10',
  0,
  -1,
  1.5,
  1e12,
  true,
  [],
  {},
  [null],
  [[]],
  { a: null },
  ['x', -1],
];

/** Drops a part, or puts another value in its place. */
export type Mutation = { path: Path; drop: true } | { path: Path; drop: false; value: unknown };

/** Returns the paths of every part of a value, from the outside in. */
export function pathsOf(value: unknown, path: Path = []): Path[] {
  const below = Array.isArray(value)
    ? value.map((item, i): [number, unknown] => [i, item])
    : Object.entries(typeof value === 'object' && value !== null ? value : {});
  return [path, ...below.flatMap(([key, item]) => pathsOf(item, [...path, key]))];
}

/** Returns an arbitrary mutation of any part of a value. */
export const mutationOf = (value: unknown): fc.Arbitrary<Mutation> =>
  fc
    .tuple(fc.constantFrom(...pathsOf(value)), fc.constantFrom(undefined, ...REPLACEMENTS.map((value) => ({ value }))))
    .map(([path, by]) => (by ? { path, drop: false, value: by.value } : { path, drop: true }));

/** Returns a copy of a value with one mutation. */
export function mutated(value: unknown, mutation: Mutation): unknown {
  const [key, ...rest] = mutation.path;
  if (key === undefined) return mutation.drop ? null : mutation.value;
  const below: Mutation = { ...mutation, path: rest };
  const isDropped = mutation.drop && rest.length === 0;
  if (Array.isArray(value))
    return value.flatMap((item: unknown, i) => (i !== key ? [item] : isDropped ? [] : [mutated(item, below)]));
  return Object.fromEntries(
    Object.entries(value as object).flatMap(([k, item]) =>
      k !== key ? [[k, item]] : isDropped ? [] : [[k, mutated(item, below)]],
    ),
  );
}
