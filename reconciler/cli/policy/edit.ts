import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from '../../../policies/document/place.ts';
import { escapeTerminal } from '../../text/escape-terminal.ts';
import { out } from '../../text/terminal.ts';
import { UserError } from '../../text/user-error.ts';
import type { Configure } from '../command.ts';
import { homeOf } from '../home.ts';
import { withPolicies, withReason } from '../options.ts';
import { diffText } from './diff-text.ts';
import { openStore, type StoreOptions } from './session.ts';
import { InvalidDocument, mustBeValid, write } from './write.ts';

interface EditOptions extends StoreOptions {
  reason?: string;
}

export const configure: Configure = (command, exit) =>
  withReason(withPolicies(command))
    .argument('<name>')
    .action(async (name: string, options: EditOptions) => exit(await edit(name, options)));

/** Opens the stored text in $VISUAL or $EDITOR, again while it is not valid, then stores it. */
async function edit(name: string, options: EditOptions): Promise<number> {
  const { aws, store, seen } = await openStore(options);
  const base = await store.get(name);
  const home = await homeOf(aws, base.arn);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
  // The name is a part of the store's, and may hold slashes.
  const file = join(folder, `${name.replaceAll('/', '-')}.yaml`);
  try {
    const text = editUntilValid(file, name, base.text, home);
    if (text === undefined) out('nothing was changed');
    else {
      out(diffText(base.text, text, `version ${base.version}`, 'your edit'));
      await write({ store, seen, name, text, base, reason: options.reason ?? '' });
    }
  } catch (error) {
    const { message, hint, details } = error instanceof UserError ? error : new UserError(String(error));
    throw new UserError(message, `${hint ? `${hint}; ` : ''}your text is kept in ${file}`, details);
  }
  rmSync(folder, { recursive: true });
  return 0;
}

/** Returns the edited text once it is valid; undefined when nothing was changed. Throws when the author gives up. */
function editUntilValid(file: string, name: string, original: string, home: Place): string | undefined {
  let text = original;
  let problems: readonly string[] = [];
  for (;;) {
    writeFileSync(file, withProblems(text, problems));
    openEditor(file);
    const edited = withoutProblems(readFileSync(file, 'utf8'));
    if (edited === original) return undefined;
    // Saved again exactly as it was refused: the author gives up.
    if (problems.length > 0 && edited === text) throw new UserError('still not valid; nothing was stored');
    text = edited;
    try {
      mustBeValid(`${name}.yaml`, text, name, home);
      return text;
    } catch (error) {
      if (!(error instanceof InvalidDocument)) throw error;
      problems = error.details;
    }
  }
}

const MARK = '#! ';

function withProblems(text: string, problems: readonly string[]): string {
  if (problems.length === 0) return text;
  const lines = [
    'not stored yet; fix these problems, or save the text unchanged to give up (lines that start with #! are removed):',
    ...problems.map(escapeTerminal),
  ];
  return `${lines.map((line) => MARK + line).join('\n')}\n${text}`;
}

const withoutProblems = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.startsWith(MARK))
    .join('\n');

function openEditor(file: string): void {
  const editor = process.env.VISUAL || process.env.EDITOR || 'vi';
  // Through a shell, since EDITOR may hold arguments ("code --wait"); the file is an argument of its own.
  const { status, error } = spawnSync('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
  if (error || status !== 0)
    throw new UserError(
      `the editor (${editor}) ended with ${error?.message ?? `status ${status}`}`,
      'set EDITOR to an editor that is installed',
    );
}
