import { existsSync } from 'node:fs';
import { parsePolicy } from '../../../policies/document/parse.ts';
import { json, out, readInput, UserError } from '../io.ts';
import { diffText } from './diff-text.ts';
import { openStore, type StoreOptions } from './session.ts';

/** `policy diff FILE` (stored against file) or `policy diff NAME [--from V] [--to V]`. Status 1 when they differ, as diff(1). */
export async function diff(
  target: string,
  options: StoreOptions & { from?: number; to?: number; json?: boolean },
): Promise<number> {
  const { store, seen } = await openStore(options);
  const isFile = target === '-' || existsSync(target) || /\.(ya?ml|json)$/.test(target);
  let before: { label: string; text: string };
  let after: { label: string; text: string };
  if (isFile) {
    const text = await readInput(target);
    const parsed = parsePolicy(text);
    const name = parsed.ok ? parsed.policy.metadata.name : /^\s*name:\s*(\S+)/m.exec(text)?.[1];
    if (!name)
      throw new UserError(`${target} names no policy`, `see what is wrong with it: sluice policy validate ${target}`);
    const stored = await store.find(name, options.from);
    if (stored && options.from === undefined) seen.note(store.prefix + name, stored);
    before = {
      label: stored ? `${store.prefix}${name} version ${stored.version}` : '(not stored)',
      text: stored?.text ?? '',
    };
    after = { label: target, text };
  } else {
    const newest = await store.get(target, options.to);
    const older = await store.get(target, options.from ?? Math.max(1, newest.version - 1));
    if (options.to === undefined) seen.note(store.prefix + target, newest);
    before = { label: `version ${older.version}`, text: older.text };
    after = { label: `version ${newest.version}`, text: newest.text };
  }
  const text = diffText(before.text, after.text, before.label, after.label);
  if (options.json) json({ differs: text !== '', before: before.label, after: after.label });
  else out(text === '' ? `${before.label} and ${after.label} are equal` : text);
  return text === '' ? 0 : 1;
}
