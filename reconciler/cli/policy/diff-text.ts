import { structuredPatch } from 'diff';
import { color } from '../io.ts';

/** A unified diff of two documents, coloured on a terminal; empty when they are equal. */
export function diffText(before: string, after: string, beforeName: string, afterName: string): string {
  const patch = structuredPatch(beforeName, afterName, ensureNewline(before), ensureNewline(after), '', '', {
    context: 3,
  });
  if (patch.hunks.length === 0) return '';
  const lines = [color.bold(`--- ${beforeName}`), color.bold(`+++ ${afterName}`)];
  for (const hunk of patch.hunks) {
    lines.push(color.cyan(`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`));
    for (const line of hunk.lines)
      lines.push(line.startsWith('+') ? color.green(line) : line.startsWith('-') ? color.red(line) : line);
  }
  return lines.join('\n');
}

const ensureNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
