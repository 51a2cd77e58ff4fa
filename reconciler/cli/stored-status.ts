import { parseStatus } from '../../policies/restore.ts';
import type { StatusDocument } from '../../policies/status.ts';
import { escapeTerminal } from '../text/escape-terminal.ts';
import { color, note } from '../text/terminal.ts';

/** Warnings that were printed: a command that polls tells each once. */
const told = new Set<string>();

/** Returns the stored status of a policy without its damaged parts, and prints a warning about each to stderr. */
export const storedStatus = (policy: string, text: string | undefined): StatusDocument | undefined =>
  parseStatus(text, (problem) => {
    const warning = escapeTerminal(`status of ${policy}: ${problem}`);
    if (told.has(warning)) return;
    told.add(warning);
    note(`${color.yellow('warning:')} ${warning}`);
  });
