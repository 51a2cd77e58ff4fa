import { escapeTerminal } from '../text/escape-terminal.ts';
import { type LogRecord, parseRecord } from '../text/log-record.ts';
import { color, note } from '../text/terminal.ts';

/**
 * Yields the records among the lines of a log; `file` is its name in messages. Lines of other programs are skipped. Damaged records are
 * skipped too, and a warning on stderr tells how many, and the place of the first.
 */
export async function* recordsIn(lines: AsyncIterable<string>, file: string): AsyncGenerator<LogRecord> {
  let line = 0;
  let damaged = 0;
  let first = 0;
  for await (const text of lines) {
    line++;
    const record = parseRecord(text);
    if (record) yield record;
    else if (text.startsWith('{')) {
      damaged++;
      first ||= line;
    }
  }
  if (damaged === 0) return;
  const what =
    damaged === 1 ? 'a line that is not a whole log record' : `${damaged} lines that are not whole log records`;
  const place = escapeTerminal(`${file === '-' ? '<stdin>' : file}:${first}:1`);
  note(`${color.yellow('warning:')} ${place}: skipped ${what}${damaged === 1 ? '' : ', the first of them here'}`);
}
