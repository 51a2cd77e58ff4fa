/**
 * Keeps the services of the embedded AWS in a state folder.
 *
 * One journal holds the changes of all services in one order. A call is answered once its changes, and all changes before
 * them, are on the disk. So a crash at any moment loses nothing that a client was told of, and leaves nothing half done.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Keeper, Persistent } from '../service.ts';
import { Journal, type JournalOptions } from './journal.ts';
import { lockFolder } from './lock.ts';
import type { Entities } from './operation.ts';
import { type Content, readJournal } from './read.ts';

export { CannotWrite } from './journal.ts';

export interface StateOptions extends Omit<JournalOptions, 'path' | 'entities'> {
  /** Created if it does not exist. It may hold secrets (parameters), so only its owner may look inside. */
  folder: string;
}

export interface StateFolder {
  /** Refuses a call that could not be kept. @throws CannotWrite while the state folder cannot be written */
  assertWritable(): void;
  /** Resolves once every change until now is on the disk. Rejects with CannotWrite. */
  durable(): Promise<void>;
  /** Writes the rest and unlocks the folder. To be called once nothing changes any more. */
  close(): Promise<void>;
}

function prepare(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (error) {
    const why = (error as Error).message;
    throw new Error(`The state folder ${folder} cannot be used: ${why}.`, { cause: error });
  }
}

/** Returns the content of a journal; undefined if there is none yet. */
function contentOf(path: string): Content | undefined {
  try {
    return readJournal(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const prefixOf = (service: Persistent): string => `${service.stateName}/`;

function* entitiesOf(services: readonly Persistent[]): Generator<readonly [string, unknown]> {
  for (const service of services) for (const [key, value] of service.entities()) yield [prefixOf(service) + key, value];
}

/** Returns the keeper of a service, which adds the service's prefix to its keys. */
function keeperOf(service: Persistent, journal: Journal): Keeper {
  const prefix = prefixOf(service);
  return {
    put: (key, value) => journal.note(['put', prefix + key, value]),
    patch: (key, members) => journal.note(['patch', prefix + key, members]),
    remove: (key) => journal.note(['remove', prefix + key]),
    clear: (start) => journal.note(['clear', prefix + start]),
  };
}

/** Gives a service its entities, by keys without the service's prefix. */
function restore(service: Persistent, entities: Entities, journal: Journal, path: string): void {
  const prefix = prefixOf(service);
  const own = new Map<string, unknown>();
  for (const [key, value] of entities) if (key.startsWith(prefix)) own.set(key.slice(prefix.length), value);
  try {
    service.restore(own, keeperOf(service, journal));
  } catch (error) {
    throw new Error(
      `The state file ${path} does not fit ${service.stateName}: ${(error as Error).message}. It is left as it is. ` +
        'To start empty, move it away.',
      { cause: error },
    );
  }
}

/**
 * Locks the folder, restores each service from it, and keeps their changes.
 * @throws Error for a folder in use or not usable, and for a damaged journal. Nothing is changed then.
 */
export async function openState(services: readonly Persistent[], options: StateOptions): Promise<StateFolder> {
  const { folder, ...rest } = options;
  prepare(folder);
  const unlock = lockFolder(folder);
  try {
    const path = join(folder, 'journal');
    rmSync(`${path}.next`, { force: true });
    const content = contentOf(path);
    const journal = await Journal.open(content, { ...rest, path, entities: () => entitiesOf(services) });
    try {
      for (const service of services) restore(service, content?.entities ?? new Map(), journal, path);
    } catch (error) {
      await journal.close();
      throw error;
    }
    return {
      assertWritable: () => journal.assertWritable(),
      durable: () => journal.durable(),
      close: () => journal.close().finally(unlock),
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
