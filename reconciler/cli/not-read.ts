/** Tells of parameters in folders below the prefix: they look like policies, and no reconciler of the prefix reads them. */
import type { PolicyStore } from './policy-store.ts';

/** Names that a sentence lists. */
const SHOWN = 5;

export interface NotRead {
  text: string;
  todo: string;
}

/**
 * Returns words about the parameters in folders below the prefix of `store`; undefined when there is none, or when they may not be
 * listed. Those below one of the `own` prefixes are Sluice's.
 */
export async function notRead(store: PolicyStore, own: readonly string[]): Promise<NotRead | undefined> {
  const found = await store.inFolders();
  return wordsFor(
    store.prefix,
    found.filter((name) => !own.some((prefix) => name.startsWith(prefix))),
  );
}

function wordsFor(prefix: string, names: readonly string[]): NotRead | undefined {
  const [first] = names;
  if (first === undefined) return undefined;
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  const below = first.slice(prefix.length);
  return {
    text: `not read: ${names.slice(0, SHOWN).join(', ')}${more}; policies stand directly below ${prefix}`,
    todo: `store it as ${prefix}${below.replaceAll('/', '-')}, with that name in its metadata, or run a reconciler with --prefix ${first.slice(0, first.lastIndexOf('/') + 1)}`,
  };
}
