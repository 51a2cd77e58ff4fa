import { parsePolicy } from '../../../policies/document/parse.ts';
import { mustConfirm } from '../../text/confirm.ts';
import { escapeTerminal } from '../../text/escape-terminal.ts';
import { color, out } from '../../text/terminal.ts';
import { UserError } from '../../text/user-error.ts';
import type { Configure } from '../command.ts';
import { homeOf } from '../home.ts';
import { version, withReason, withStatuses, withYes } from '../options.ts';
import type { StoredPolicy } from '../policy-store.ts';
import { diffText } from './diff-text.ts';
import { openStore, type StoreOptions } from './session.ts';
import { effectText, statusNow, timeoutOf, type WaitOptions, waitFor, withWait } from './wait.ts';
import { mustBeValid, write } from './write.ts';

interface RollbackOptions extends StoreOptions, WaitOptions {
  reason?: string;
  to?: number;
  dryRun?: boolean;
  yes?: boolean;
}

export const configure: Configure = (command, exit) =>
  withReason(withYes(withWait(withStatuses(command))))
    .argument('<name>')
    .option('--to <n>', 'the version to go back to (default: the last valid one that differs)', version)
    .option('--dry-run', 'show the diff only; store nothing')
    .action(async (name: string, options: RollbackOptions) => exit(await rollback(name, options)));

/** Throws UserError when a text that was kept encrypted would be stored as plain text. */
export function mustStaySecret(
  base: Pick<StoredPolicy, 'name' | 'version' | 'type'>,
  target: Pick<StoredPolicy, 'version' | 'type'>,
): void {
  if (target.type !== 'SecureString' || base.type === 'SecureString') return;
  throw new UserError(
    `version ${target.version} was stored encrypted (SecureString), version ${base.version} is plain text (${base.type}); nothing was stored`,
    `if its text may be read by everyone: sluice policy get ${base.name} --version ${target.version} -o FILE, then sluice policy apply FILE`,
  );
}

/** Stores an older text as the next version. */
async function rollback(name: string, options: RollbackOptions): Promise<number> {
  if (options.wait) timeoutOf(options);
  const { aws, store, seen } = await openStore(options);
  const versions = await store.history(name);
  if (versions.length === 0) throw new UserError(`there is no policy ${name}`, 'see which there are: sluice status');
  const base = await store.get(name);
  const target =
    options.to === undefined
      ? versions.find((v) => v.version < base.version && v.text !== base.text && parsePolicy(v.text, { name }).ok)
      : versions.find((v) => v.version === options.to);
  if (!target)
    throw new UserError(
      options.to === undefined
        ? `${name} has no older version that is valid and differs`
        : `SSM does not store version ${options.to} of ${name}`,
      `see the stored versions: sluice policy history ${name}`,
    );
  mustBeValid(`version ${target.version}`, target.text, name, await homeOf(aws, base.arn));
  if (target.text === base.text) {
    out(`version ${base.version} already holds the text of version ${target.version}; nothing to do`);
    return 0;
  }
  mustStaySecret(base, target);
  out(diffText(base.text, target.text, `version ${base.version}`, `version ${target.version}`));
  if (options.dryRun) {
    out(color.dim('dry run: nothing was stored'));
    return 0;
  }
  await mustConfirm(
    `stores the text of version ${target.version} over version ${base.version} of ${escapeTerminal(name)}`,
    options,
  );
  const before = options.wait ? await statusNow(aws, name, options) : undefined;
  const { text } = target;
  const stored = await write({
    store,
    seen,
    name,
    text,
    base,
    reason: options.reason ?? `back to version ${target.version}`,
  });
  if (options.wait) out(effectText(await waitFor(aws, { name, text, version: stored, before }, options)));
  return 0;
}
