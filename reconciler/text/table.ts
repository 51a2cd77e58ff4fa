// biome-ignore lint/suspicious/noControlCharactersInRegex: a color code starts with the escape character.
const COLOR_CODES = /\u001b\[[0-9;]*m/g;

const width = (cell: string): number => cell.replaceAll(COLOR_CODES, '').length;

/** Returns rows as lines, with columns padded to their widest cell. Color codes have no width. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  const pad = (cell: string, column: number): string => cell + ' '.repeat(Math.max(0, widths[column]! - width(cell)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : pad(cell, column)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
