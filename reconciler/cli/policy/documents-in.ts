import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { escapeTerminal } from '../../text/escape-terminal.ts';
import { note } from '../../text/terminal.ts';
import { UserError } from '../../text/user-error.ts';

/** A file of a folder is checked when it says that it is a policy; a folder may hold other documents too. */
const POLICY = /^\s*["']?(kind["']?\s*:\s*["']?WorkerPolicy|apiVersion["']?\s*:\s*["']?sluice\/)/m;

/** Returns the files that arguments name, with each folder replaced by the policies in it, sorted. */
export async function documentsIn(files: readonly string[]): Promise<string[]> {
  const found = await Promise.all(files.map(async (file) => ((await isFolder(file)) ? inFolder(file) : [file])));
  return found.flat();
}

const isFolder = async (file: string): Promise<boolean> =>
  file !== '-' && ((await stat(file).catch(() => undefined))?.isDirectory() ?? false);

async function inFolder(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const documents = names.filter((name) => /\.(ya?ml|json)$/.test(name) && !name.includes('node_modules')).sort();
  const paths = documents.map((name) => join(folder, name));
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(() => '')));
  const policies = paths.filter((_, i) => POLICY.test(texts[i] ?? ''));
  const skipped = paths.filter((path) => !policies.includes(path));
  if (skipped.length > 0) note(escapeTerminal(`skipped, since it names no policy: ${skipped.join(', ')}`));
  if (policies.length > 0) return policies;
  throw new UserError(
    `${folder} holds no policy`,
    'a policy is a YAML or JSON file with `kind: WorkerPolicy`; name the file, or another folder',
  );
}
