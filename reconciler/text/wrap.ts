/** Returns a text as lines of at most `width` characters, broken between words. A longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Columns of the terminal; 100 where none is known, as for a pipe into a pager. */
export const columns = (): number => Number(process.env.COLUMNS) || process.stdout.columns || 100;
