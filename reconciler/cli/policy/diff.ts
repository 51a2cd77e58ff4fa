import { existsSync } from 'node:fs';
import { parsePolicy } from '../../../policies/document/parse.ts';
import { readInput } from '../../text/input.ts';
import { json, out } from '../../text/terminal.ts';
import { UserError } from '../../text/user-error.ts';
import type { Configure } from '../command.ts';
import { version, withJson, withPolicies } from '../options.ts';
import { diffText } from './diff-text.ts';
import { withoutEditorLine } from './editor-line.ts';
import { nameIn } from './name-in.ts';
import { openStore, type StoreOptions } from './session.ts';

interface DiffOptions extends StoreOptions {
  from?: number;
  to?: number;
  json?: boolean;
}

export const configure: Configure = (command, exit) =>
  withJson(withPolicies(command))
    .argument('<name|file>', 'a stored policy, or a file to compare with the stored one; - is stdin')
    .option('--from <n>', 'older version (default: the one before)', version)
    .option('--to <n>', 'newer version (default: the newest)', version)
    .action(async (target: string, options: DiffOptions) => exit(await diff(target, options)));

interface Side {
  label: string;
  text: string;
}

/** Prints the diff. Status 1 when the sides differ, as of diff(1). */
async function diff(target: string, options: DiffOptions): Promise<number> {
  const isFile = target === '-' || existsSync(target) || /\.(ya?ml|json)$/.test(target);
  const { before, after } = isFile ? await fileSides(target, options) : await storedSides(target, options);
  const text = diffText(before.text, after.text, before.label, after.label);
  if (options.json) json({ differs: text !== '', before: before.label, after: after.label });
  else out(text === '' ? `${before.label} and ${after.label} are equal` : text);
  return text === '' ? 0 : 1;
}

async function fileSides(file: string, options: DiffOptions): Promise<{ before: Side; after: Side }> {
  const text = await readInput(file);
  const parsed = parsePolicy(text);
  const name = parsed.ok ? parsed.policy.metadata.name : nameIn(text);
  if (!name) throw new UserError(`${file} has no metadata.name`, `check the document: sluice policy validate ${file}`);
  const { store, seen } = await openStore(options);
  const stored = await store.find(name, options.from);
  if (stored && options.from === undefined) seen.note(store.prefix + name, stored);
  const label = stored ? `${store.prefix}${name} version ${stored.version}` : '(not stored)';
  return { before: { label, text: stored?.text ?? '' }, after: { label: file, text: withoutEditorLine(text) } };
}

async function storedSides(name: string, options: DiffOptions): Promise<{ before: Side; after: Side }> {
  const { store, seen } = await openStore(options);
  const newest = await store.get(name, options.to);
  const older = await store.get(name, options.from ?? Math.max(1, newest.version - 1));
  if (options.to === undefined) seen.note(store.prefix + name, newest);
  return {
    before: { label: `version ${older.version}`, text: older.text },
    after: { label: `version ${newest.version}`, text: newest.text },
  };
}
