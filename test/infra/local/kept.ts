/** Keeps entities in memory as a journal does, and starts services again from them. */
import type { Keeper, Persistent } from '../../../infra/local/service.ts';
import { apply, type Entities } from '../../../infra/local/state/operation.ts';

export interface Kept {
  keeper: Keeper;
  /** Returns a copy of the entities, as a restart would find them. */
  entities(): Entities;
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));

export function inMemory(): Kept {
  const entities: Entities = new Map();
  return {
    keeper: {
      put: (key, value) => apply(entities, ['put', key, copy(value)]),
      patch: (key, members) => apply(entities, ['patch', key, copy(members)]),
      remove: (key) => apply(entities, ['remove', key]),
      clear: (prefix) => apply(entities, ['clear', prefix]),
    },
    entities: () => new Map(copy([...entities])),
  };
}

/** Returns the entities that a compaction would write, as a restart would find them. */
export const compacted = (service: Persistent): Entities => new Map(copy([...service.entities()]));
