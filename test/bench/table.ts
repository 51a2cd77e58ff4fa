/** Pieces of a page of results. */
export type Row = (string | number)[];

export const table = (head: Row, rows: Row[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

export const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)} %`;

export const geometric = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);
