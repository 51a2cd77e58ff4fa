import { writeFile } from 'node:fs/promises';
import { json, note, out } from '../io.ts';
import { openStore, type StoreOptions } from './session.ts';

/** `policy get NAME`: the stored text, as written. */
export async function get(
  name: string,
  options: StoreOptions & { version?: number; output?: string; json?: boolean },
): Promise<number> {
  const { store, seen } = await openStore(options);
  const stored = await store.get(name, options.version);
  if (options.version === undefined) seen.note(store.prefix + name, stored);
  if (options.output) {
    await writeFile(options.output, stored.text);
    note(`version ${stored.version} of ${store.prefix}${name} written to ${options.output}`);
  } else if (options.json)
    json({ name, version: stored.version, modified: new Date(stored.modified).toISOString(), text: stored.text });
  else out(stored.text.replace(/\n$/, ''));
  return 0;
}
