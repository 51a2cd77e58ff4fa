/** Defines the changes that a journal records, and applies them. Each can be applied twice without harm. */
import { isObject } from '../input.ts';

/** Kept things by key. */
export type Entities = Map<string, unknown>;

export type Operation =
  | readonly ['put', key: string, value: unknown]
  /** Sets some members of an entity. It has no effect if the entity is gone. */
  | readonly ['patch', key: string, members: Readonly<Record<string, unknown>>]
  | readonly ['remove', key: string]
  /** Removes all entities whose key begins with the prefix. */
  | readonly ['clear', prefix: string];

/** Returns whether a parsed value is an operation. */
export function isOperation(value: unknown): value is Operation {
  if (!Array.isArray(value) || typeof value[1] !== 'string') return false;
  if (value[0] === 'put') return value.length === 3;
  if (value[0] === 'patch') return value.length === 3 && isObject(value[2]);
  return (value[0] === 'remove' || value[0] === 'clear') && value.length === 2;
}

/** Applies an operation to `entities`, which it changes. */
export function apply(entities: Entities, operation: Operation): void {
  switch (operation[0]) {
    case 'put':
      entities.set(operation[1], operation[2]);
      return;
    case 'patch': {
      const before = entities.get(operation[1]);
      if (isObject(before)) entities.set(operation[1], { ...before, ...operation[2] });
      return;
    }
    case 'remove':
      entities.delete(operation[1]);
      return;
    case 'clear':
      for (const key of entities.keys()) if (key.startsWith(operation[1])) entities.delete(key);
  }
}
