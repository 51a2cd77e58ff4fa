import { writeFile } from 'node:fs/promises';
import { escapeLines } from '../../text/escape-terminal.ts';
import { json, note, out } from '../../text/terminal.ts';
import { UserError } from '../../text/user-error.ts';
import type { Configure } from '../command.ts';
import { version, withJson, withPolicies } from '../options.ts';
import { EDITOR_HINT, withEditorLine } from './editor-line.ts';
import { openStore, type StoreOptions } from './session.ts';

interface GetOptions extends StoreOptions {
  version?: number;
  output?: string;
  json?: boolean;
}

export const configure: Configure = (command, exit) =>
  withJson(withPolicies(command))
    .argument('<name>')
    .option('--version <n>', 'an older version', version)
    .option('-o, --output <file>', 'write the text to a file, with a line by which editors find its schema')
    .action(async (name: string, options: GetOptions) => exit(await get(name, options)));

/** Prints the stored text exactly as it was written, so that it can be piped into a file. */
async function get(name: string, options: GetOptions): Promise<number> {
  const { store, seen } = await openStore(options);
  const stored = await store.get(name, options.version);
  if (options.version === undefined) seen.note(store.prefix + name, stored);
  if (options.output !== undefined) {
    await writeFile(options.output, withEditorLine(stored.text)).catch((error: Error) => {
      throw new UserError(`cannot write ${options.output}: ${error.message}`, 'check the path and its permissions');
    });
    note(`version ${stored.version} of ${store.prefix}${name} written to ${options.output}; ${EDITOR_HINT}`);
  } else if (options.json)
    json({ name, version: stored.version, modified: new Date(stored.modified).toISOString(), text: stored.text });
  else out(forStdout(stored.text));
  return 0;
}

/** A pipe gets the exact text; on a terminal it passes the filter, line by line. */
function forStdout(stored: string): string {
  const text = stored.replace(/\n$/, '');
  return process.stdout.isTTY ? escapeLines(text) : text;
}
