import { mustConfirm } from '../../text/confirm.ts';
import { readInput } from '../../text/input.ts';
import { color, json, out } from '../../text/terminal.ts';
import { UserError } from '../../text/user-error.ts';
import type { EditBacktest } from '../backtest/edit.ts';
import type { Configure } from '../command.ts';
import { homeOf } from '../home.ts';
import { version, withJson, withReason, withStatuses, withYes } from '../options.ts';
import type { StoredPolicy } from '../policy-store.ts';
import { diffText } from './diff-text.ts';
import { withoutEditorLine } from './editor-line.ts';
import { nameIn } from './name-in.ts';
import { mustBeOnlyOne } from './rivals.ts';
import { openStore, type StoreOptions } from './session.ts';
import { effectText, statusNow, timeoutOf, type WaitOptions, waitFor, withWait } from './wait.ts';
import { mustBeValid, write } from './write.ts';

interface ApplyOptions extends StoreOptions, WaitOptions {
  dryRun?: boolean;
  ifVersion?: number;
  force?: boolean;
  yes?: boolean;
  advanced?: boolean;
  reason?: string;
  /** The past to try the edit on: a time such as 7d, or a trace. `true` stands for the default. */
  backtest?: string | true;
  json?: boolean;
}

const DEFAULT_PAST = '7d';

export const configure: Configure = (command, exit) =>
  withReason(withYes(withWait(withJson(withStatuses(command)))))
    .argument('<file>', 'YAML or JSON; - is stdin')
    .option('--dry-run', 'check the document and show the diff; store nothing')
    .option('--if-version <n>', 'store only if the current version is n', version)
    .option('--force', 'store whatever the current version is')
    .option('--advanced', 'allow a document of 4 to 8 KB (AWS charges for the advanced tier)')
    .option(
      '--backtest [past]',
      `first show what the edit would have changed: on the past of the queue (default: ${DEFAULT_PAST}), or on a trace in CSV`,
    )
    .action(async (file: string, options: ApplyOptions) => exit(await apply(file, options)));

/** Checks a document, shows the diff and stores it. Refuses to replace a version that this folder has not seen. */
async function apply(file: string, options: ApplyOptions): Promise<number> {
  const written = await readInput(file);
  const name = nameIn(written) ?? '';
  mustBeValid(file, written, name);
  const text = withoutEditorLine(written);
  if (options.wait) timeoutOf(options);
  const { aws, store, seen } = await openStore(options);
  const parameter = store.prefix + name;
  const base = await store.find(name);
  mustBeValid(file, text, name, await homeOf(aws, base?.arn));
  await mustBeOnlyOne(store, text, base?.text);
  if (base?.text === text) {
    seen.note(parameter, base);
    if (options.json) json({ name, version: base.version, changed: false });
    else out(`${parameter} version ${base.version} holds exactly this text; nothing to do`);
    return 0;
  }
  if (!options.json)
    out(diffText(base?.text ?? '', text, base ? `${parameter} version ${base.version}` : '(new)', file));
  const tried = options.backtest === undefined ? undefined : await tryOut(base?.text, text, options);
  const backtest = tried ? { backtest: { trace: tried.trace, results: tried.results } } : {};
  if (tried && !options.json) out(tried.text);
  if (options.dryRun) {
    if (options.json) json({ name, version: base?.version ?? 0, changed: true, dryRun: true, ...backtest });
    else out(color.dim('dry run: nothing was stored'));
    return 0;
  }
  if (base && options.force && !seen.has(parameter, base))
    await mustConfirm(`replaces version ${base.version}, which was not looked at from this folder`, options);
  if (base && !options.force) mustBeExpected(file, parameter, base, seen.has(parameter, base), options.ifVersion);
  const how = { reason: options.reason ?? '', ...(options.advanced ? { advanced: true } : {}) };
  const before = options.wait ? await statusNow(aws, name, options) : undefined;
  const stored = await write({ store, seen, name, text, base, ...how }, options.json === true);
  const effect = options.wait ? await waitFor(aws, { name, text, version: stored, before }, options) : undefined;
  if (options.json) json({ name, version: stored, changed: true, ...backtest, ...(effect ? { effect } : {}) });
  else if (effect) out(effectText(effect));
  return 0;
}

/** Throws UserError unless the current version is the one that the user means to replace. */
function mustBeExpected(
  file: string,
  parameter: string,
  { version: current }: StoredPolicy,
  wasSeen: boolean,
  ifVersion: number | undefined,
): void {
  if (ifVersion === undefined ? wasSeen : ifVersion === current) return;
  const why = ifVersion === undefined ? 'which was not looked at from this folder' : `not ${ifVersion}`;
  throw new UserError(
    `${parameter} is at version ${current}, ${why}; nothing was stored`,
    `the diff above shows what would be lost; to store it anyway: sluice policy apply ${file} --if-version ${current}`,
  );
}

async function tryOut(before: string | undefined, after: string, options: ApplyOptions): Promise<EditBacktest> {
  // Loaded here: the simulator is larger than all that an apply needs.
  const { backtestEdit } = await import('../backtest/edit.ts');
  return backtestEdit(before, after, typeof options.backtest === 'string' ? options.backtest : DEFAULT_PAST, options);
}
