/** How commands speak: text for people on stdout, JSON for programs, notes and errors on stderr. */
import pc from 'picocolors';
import { escapeTerminal } from './escape-terminal.ts';
import { UserError } from './user-error.ts';

/** True when colors may be written: a terminal that shows them and no NO_COLOR, or FORCE_COLOR. */
const showsColor = (stream: NodeJS.WriteStream): boolean =>
  Boolean(process.env.FORCE_COLOR) || (stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb');

/** Colors for stdout. They add escapes: other people's text must pass `escapeTerminal` before it is colored. */
export const color = pc.createColors(showsColor(process.stdout));
const errorColor = pc.createColors(showsColor(process.stderr));

/** Writes a line to stdout. */
export const out = (text: string): void => void process.stdout.write(`${text}\n`);

/** Writes a line to stderr. */
export const note = (text: string): void => void process.stderr.write(`${text}\n`);

/** Writes a value to stdout as JSON, with its strings exactly as they are. */
export const json = (value: unknown): void => out(JSON.stringify(value, null, 2));

/** Writes what went wrong to stderr, then its details, then what the user can do. */
export function printError(error: unknown): void {
  note(`${errorColor.red('error:')} ${escapeTerminal(error instanceof Error ? error.message : String(error))}`);
  if (!(error instanceof UserError)) return;
  for (const line of error.details) note(`  ${escapeTerminal(line)}`);
  if (error.hint) note(`  ${errorColor.dim('->')} ${escapeTerminal(error.hint)}`);
}
