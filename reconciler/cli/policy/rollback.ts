import { parsePolicy } from '../../../policies/document/parse.ts';
import { out, UserError } from '../io.ts';
import { diffText } from './diff-text.ts';
import { openStore, type StoreOptions } from './session.ts';
import { mustBeValid, write } from './write.ts';

/** `policy rollback NAME [--to V]`: stores an older text as the next version; by default the last valid one that differs. */
export async function rollback(
  name: string,
  options: StoreOptions & { to?: number; dryRun?: boolean },
): Promise<number> {
  const { store, seen } = await openStore(options);
  const [newest, ...older] = await store.history(name);
  if (!newest) throw new UserError(`there is no policy ${name}`);
  const base = await store.get(name);
  const target =
    options.to === undefined
      ? older.find((entry) => entry.text !== base.text && parsePolicy(entry.text, { name }).ok)
      : [newest, ...older].find((entry) => entry.version === options.to);
  if (!target)
    throw new UserError(
      options.to === undefined
        ? `${name} has no older version that is valid and differs`
        : `${name} has no version ${options.to} any more`,
      `see which there are: sluice policy history ${name}`,
    );
  mustBeValid(`version ${target.version}`, target.text, name);
  if (target.text === base.text) {
    out(`version ${base.version} holds the text of version ${target.version} already`);
    return 0;
  }
  out(diffText(base.text, target.text, `version ${base.version}`, `version ${target.version}`));
  if (!options.dryRun) await write({ store, seen, name, text: target.text, base });
  return 0;
}
