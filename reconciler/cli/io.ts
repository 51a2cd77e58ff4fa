/** How commands speak: text for people, JSON for programs, errors with what to do. */
import pc from 'picocolors';

/** An error that is the user's to mend: shown without a stack, exit status 1. */
export class UserError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Wrong use of a command: exit status 2. */
export class UsageError extends UserError {}

/** Colours only on a terminal, and never with NO_COLOR. */
const enabled = (stream: NodeJS.WriteStream): boolean =>
  Boolean(process.env.FORCE_COLOR) || (stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb');
export const color = pc.createColors(enabled(process.stdout));
const errorColor = pc.createColors(enabled(process.stderr));

export const out = (text: string): void => void process.stdout.write(`${text}\n`);
export const note = (text: string): void => void process.stderr.write(`${text}\n`);
export const json = (value: unknown): void => out(JSON.stringify(value, null, 2));

export function printError(error: unknown): void {
  const { message, hint } = error as UserError;
  note(`${errorColor.red('error:')} ${error instanceof Error ? message : String(error)}`);
  if (hint) note(`  ${errorColor.dim('->')} ${hint}`);
}

/** Columns padded to their widest cell; colour codes count nothing. */
export function table(rows: string[][]): string {
  const width = (cell: string): number => plain(cell).length;
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => width(row[i] ?? ''))));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat(widths[i]! - width(cell))))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes start with one.
export const plain = (text: string): string => text.replaceAll(/\u001b\[[0-9;]*m/g, '');

/** "3s", "5m", "2h" since then, for tables. */
export function ago(at: number | string | undefined, now = Date.now()): string {
  if (at === undefined) return '-';
  const seconds = Math.max(0, Math.round((now - new Date(at).getTime()) / 1_000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)}h` : `${Math.round(seconds / 86_400)}d`;
}

export async function readInput(file: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  if (file === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  }
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(
      code === 'ENOENT' ? `there is no file ${file}` : message,
      code === 'ENOENT' ? 'check the path' : undefined,
    );
  }
}
