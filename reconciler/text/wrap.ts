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

/** Columns of the terminal. A pipe or a file has no end of the line: whoever greps for a sentence finds it whole. */
export const columns = (): number =>
  Number(process.env.COLUMNS) || (process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY);
