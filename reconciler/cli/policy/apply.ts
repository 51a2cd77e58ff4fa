import { parse } from 'yaml';
import { color, json, out, readInput, UserError } from '../io.ts';
import { diffText } from './diff-text.ts';
import { openStore, type StoreOptions } from './session.ts';
import { mustBeValid, write } from './write.ts';

export interface ApplyOptions extends StoreOptions {
  dryRun?: boolean;
  ifVersion?: number;
  force?: boolean;
  advanced?: boolean;
  /** Show first what the edit would have changed: on the queue's past (a time such as 7d), or on a trace. */
  backtest?: string | true;
  json?: boolean;
}

/** `policy apply FILE`: validates, shows the diff, and stores, but never over a version that was not seen here. */
export async function apply(file: string, options: ApplyOptions): Promise<number> {
  const text = await readInput(file);
  const name = nameIn(text);
  mustBeValid(file, text, name ?? '');
  const { store, seen } = await openStore(options);
  const parameter = store.prefix + name;
  const base = await store.find(name!);
  if (base?.text === text) {
    seen.note(parameter, base);
    if (options.json) json({ name, version: base.version, changed: false });
    else out(`${parameter} version ${base.version} holds just this text; nothing to do`);
    return 0;
  }
  if (!options.json)
    out(diffText(base?.text ?? '', text, base ? `${parameter} version ${base.version}` : '(new)', file));
  const tried =
    options.backtest === undefined
      ? undefined
      : await tryOut(base?.text, text, options.backtest === true ? '7d' : options.backtest, options);
  const backtest = tried ? { backtest: { trace: tried.trace, results: tried.results } } : {};
  if (tried && !options.json) out(tried.text);
  if (options.dryRun) {
    if (options.json) json({ name, version: base?.version ?? 0, changed: true, dryRun: true, ...backtest });
    else out(color.dim('dry run: nothing was written'));
    return 0;
  }
  if (base && !options.force) {
    const expected = options.ifVersion === undefined ? seen.has(parameter, base) : options.ifVersion === base.version;
    if (!expected)
      throw new UserError(
        `${parameter} is at version ${base.version}, which ${options.ifVersion === undefined ? 'was not looked at from this folder' : `is not ${options.ifVersion}`}; nothing was written`,
        `the diff above shows what would be lost; if that is right: sluice policy apply ${file} --if-version ${base.version}`,
      );
  }
  const version = await write({
    store,
    seen,
    name: name!,
    text,
    base,
    ...(options.advanced ? { advanced: true } : {}),
  });
  if (options.json) json({ name, version, changed: true, ...backtest });
  return 0;
}

const tryOut: typeof import('../backtest/edit.ts').backtestEdit = async (...args) =>
  (await import('../backtest/edit.ts')).backtestEdit(...args);

/** metadata.name of a text that may be anything; what is wrong with it is for the validation to say. */
function nameIn(text: string): string | undefined {
  try {
    const value = parse(text) as { metadata?: { name?: unknown } } | null;
    return typeof value?.metadata?.name === 'string' ? value.metadata.name : undefined;
  } catch {
    return undefined;
  }
}
