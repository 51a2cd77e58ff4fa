import { wrap } from './wrap.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: a color code starts with the escape character.
const COLOR_CODES = /\u001b\[[0-9;]*m/g;
const GAP = 2;
/** Columns that the last cell of a row keeps, however narrow the terminal is. */
const LEAST = 30;

const width = (cell: string): number => cell.replaceAll(COLOR_CODES, '').length;

/**
 * Returns rows as lines, with columns padded to their widest cell. Color codes have no width. With `within`, in columns of
 * the terminal, a last cell without colors that is too long goes on below itself.
 */
export function table(rows: readonly (readonly string[])[], within = Number.POSITIVE_INFINITY): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  const pad = (cell: string, column: number): string => cell + ' '.repeat(Math.max(0, widths[column]! - width(cell)));
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + GAP, 0);
  return rows
    .flatMap((row) => {
      const [first = '', ...rest] = wrap(row.at(-1) ?? '', Math.max(LEAST, within - before));
      const line = [...row.slice(0, -1).map(pad), first].join(' '.repeat(GAP)).trimEnd();
      return [line, ...rest.map((more) => ' '.repeat(before) + more)];
    })
    .join('\n');
}
