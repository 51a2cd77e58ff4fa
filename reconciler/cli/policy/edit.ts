import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { color, out, UserError } from '../io.ts';
import { diffText } from './diff-text.ts';
import { openStore, type StoreOptions } from './session.ts';
import { InvalidDocument, mustBeValid, write } from './write.ts';

const MARK = '#! ';

/** `policy edit NAME`: opens the stored text in $VISUAL or $EDITOR, again while it is not valid, then stores it. */
export async function edit(name: string, options: StoreOptions): Promise<number> {
  const { store, seen } = await openStore(options);
  const base = await store.get(name);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
  const file = join(folder, `${name}.yaml`);
  let text = base.text;
  let complaints: string[] = [];
  try {
    for (;;) {
      writeFileSync(file, withComplaints(text, complaints));
      openEditor(file);
      const edited = withoutComplaints(readFileSync(file, 'utf8'));
      if (edited === base.text) {
        out('nothing was changed');
        rmSync(folder, { recursive: true });
        return 0;
      }
      // Saved again just as it was refused: the author gives up.
      if (complaints.length > 0 && edited === text) throw new UserError('still not valid; nothing was written');
      text = edited;
      try {
        mustBeValid(`${name}.yaml`, text, name);
        break;
      } catch (error) {
        if (!(error instanceof InvalidDocument)) throw error;
        complaints = error.lines;
      }
    }
    out(diffText(base.text, text, `version ${base.version}`, 'your edit'));
    await write({ store, seen, name, text, base });
  } catch (error) {
    const { message, hint } = error as UserError;
    throw new UserError(message, `${hint ? `${hint}; ` : ''}your text is kept in ${color.bold(file)}`);
  }
  rmSync(folder, { recursive: true });
  return 0;
}

function withComplaints(text: string, complaints: string[]): string {
  if (complaints.length === 0) return text;
  const lines = [
    'not stored yet; mend these (lines starting with #! are dropped), or leave the text as it is to give up:',
    ...complaints,
  ];
  return `${lines.map((line) => MARK + line).join('\n')}\n${text}`;
}

const withoutComplaints = (text: string): string =>
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
      'set EDITOR to one that is installed',
    );
}
