import { diffLines } from 'diff';
import { parsePolicy } from '../../../policies/document/parse.ts';
import { ago, color, json, out, table } from '../io.ts';
import { openStore, type StoreOptions } from './session.ts';

/** `policy history NAME`: every version SSM still has, newest first, with who wrote it and how much it changed. */
export async function history(name: string, options: StoreOptions & { json?: boolean }): Promise<number> {
  const { store } = await openStore(options);
  const entries = await store.history(name);
  const rows = entries.map((entry, i) => {
    const older = entries[i + 1];
    const count = (kind: 'added' | 'removed'): number =>
      older
        ? diffLines(older.text, entry.text).reduce((sum, part) => sum + (part[kind] ? (part.count ?? 0) : 0), 0)
        : 0;
    const valid = parsePolicy(entry.text, { name }).ok;
    return {
      version: entry.version,
      modified: new Date(entry.modified).toISOString(),
      user: entry.user,
      added: count('added'),
      removed: count('removed'),
      valid,
    };
  });
  if (options.json) {
    json({ name, versions: rows });
    return 0;
  }
  const head = ['VERSION', 'AGE', 'CHANGE', 'VALID', 'BY'].map((h) => color.dim(h));
  out(
    table([
      head,
      ...rows.map((r) => [
        String(r.version),
        ago(r.modified),
        `+${r.added} -${r.removed}`,
        r.valid ? color.green('yes') : color.red('no'),
        r.user,
      ]),
    ]),
  );
  return 0;
}
