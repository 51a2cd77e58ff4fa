import { diffLines } from 'diff';
import { parsePolicy } from '../../../policies/document/parse.ts';
import { ago } from '../../text/ago.ts';
import { escapeTerminal } from '../../text/escape-terminal.ts';
import { table } from '../../text/table.ts';
import { color, json, out } from '../../text/terminal.ts';
import type { Configure } from '../command.ts';
import { withJson, withPolicies } from '../options.ts';
import type { HistoryEntry } from '../policy-store.ts';
import { openStore, type StoreOptions } from './session.ts';

interface HistoryOptions extends StoreOptions {
  json?: boolean;
}

export const configure: Configure = (command, exit) =>
  withJson(withPolicies(command))
    .argument('<name>')
    .action(async (name: string, options: HistoryOptions) => exit(await history(name, options)));

/** Prints the stored versions, newest first: who stored each, why, how many lines it changed, and whether it is valid. */
async function history(name: string, options: HistoryOptions): Promise<number> {
  const { store } = await openStore(options);
  const entries = await store.history(name);
  const versions = entries.map((entry, i) => describe(name, entry, entries[i + 1]));
  if (options.json) {
    json({ name, versions });
    return 0;
  }
  const head = ['VERSION', 'AGE', 'CHANGE', 'VALID', 'BY', 'REASON'].map((h) => color.dim(h));
  const rows = versions.map((v) => [
    String(v.version),
    ago(v.modified),
    `+${v.added} -${v.removed}`,
    v.valid ? color.green('yes') : color.red('no'),
    escapeTerminal(v.user),
    escapeTerminal(v.reason ?? ''),
  ]);
  out(table([head, ...rows]));
  return 0;
}

function describe(
  name: string,
  { version, modified, user, text, description }: HistoryEntry,
  older: HistoryEntry | undefined,
) {
  const parts = older ? diffLines(older.text, text) : [];
  const count = (kind: 'added' | 'removed'): number =>
    parts.reduce((sum, part) => sum + (part[kind] ? (part.count ?? 0) : 0), 0);
  return {
    version,
    modified: new Date(modified).toISOString(),
    user,
    added: count('added'),
    removed: count('removed'),
    ...(description ? { reason: description } : {}),
    valid: parsePolicy(text, { name }).ok,
  };
}
