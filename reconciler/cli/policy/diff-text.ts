import { structuredPatch } from 'diff';
import { escapeLines, escapeTerminal } from '../../text/escape-terminal.ts';
import { color } from '../../text/terminal.ts';

/** Returns a unified diff of two documents, colored on a terminal; empty when they are equal. */
export function diffText(before: string, after: string, beforeName: string, afterName: string): string {
  const patch = structuredPatch('', '', ensureNewline(before), ensureNewline(after), '', '', { context: 3 });
  if (patch.hunks.length === 0) return '';
  const lines = [color.bold(`--- ${escapeTerminal(beforeName)}`), color.bold(`+++ ${escapeTerminal(afterName)}`)];
  for (const hunk of patch.hunks) {
    lines.push(color.cyan(`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`));
    for (const line of hunk.lines.map(escapeLines))
      lines.push(line.startsWith('+') ? color.green(line) : line.startsWith('-') ? color.red(line) : line);
  }
  return lines.join('\n');
}

const ensureNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
