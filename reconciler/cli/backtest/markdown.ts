import { formatDuration } from '../../../policies/grammar/duration.ts';
import { type Bill, dollars, rows } from '../../backtest/report.ts';
import type { Result } from '../../backtest/result.ts';
import { escapeHtml } from '../../text/escape-html.ts';

/** Returns the results as a table in Markdown, under two lines that describe the load. `target` in seconds. */
export function markdownTable(trace: string, results: readonly Result[], target: number, bill: Bill): string {
  const [titles = [], ...body] = rows(results, bill);
  const least = dollars(bill.leastHours * bill.pricePerWorkerHour);
  return [
    `**${cell(trace)}**: ${results[0]?.jobs ?? 0} jobs, target ${formatDuration(1_000 * target)}`,
    '',
    `Least possible cost, had every message been known beforehand: ${bill.leastHours.toFixed(1)} worker-hours, ${least}`,
    '',
    line(titles),
    line(titles.map(() => '---')),
    ...body.map(line),
  ].join('\n');
}

const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** A bar would end the cell, and HTML would be read: names come from files. */
const cell = (text: string): string => escapeHtml(text).replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
