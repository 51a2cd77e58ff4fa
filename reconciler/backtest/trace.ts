import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Trace } from './arrivals.ts';

/** A trace that cannot be read: says where and what to do. */
export class TraceError extends Error {
  readonly hint =
    'a trace is CSV with the header t_s,arrivals: seconds from the start, and jobs that arrived in the step';
}

/** Reads a CSV file `t_s,arrivals`; throws TraceError with the line. */
export function readTrace(file: string): Trace {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new TraceError(
      `trace ${file}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message}`,
    );
  }
  return parseTrace(text, basename(file).replace(/\.csv$/, ''), file);
}

/** Steps must be of one length; a step that is left out holds no arrivals. */
export function parseTrace(text: string, name: string, file = name): Trace {
  const lines = text.trim().split(/\r?\n/);
  const fail = (line: number, what: string): never => {
    throw new TraceError(`trace ${file}:${line}: ${what}`);
  };
  if (!/^t_s\s*,\s*arrivals$/.test(lines[0]?.trim() ?? '')) fail(1, 'the header is not t_s,arrivals');
  if (lines.length < 3) fail(lines.length, 'needs two steps at least');
  const rows = lines.slice(1).map((line, i) => {
    const [t, n, ...rest] = line.split(',').map(Number);
    if (!Number.isFinite(t) || !Number.isInteger(n) || n! < 0 || rest.length > 0)
      fail(i + 2, `"${line}" is not a time and a count`);
    return [t!, n!] as const;
  });
  const step = rows[1]![0] - rows[0]![0];
  if (!(step > 0)) fail(3, 'time does not rise');
  const first = rows[0]![0];
  const counts = new Float64Array(Math.round((rows.at(-1)![0] - first) / step) + 1);
  rows.forEach(([t, n], i) => {
    const index = (t - first) / step;
    if (Math.abs(index - Math.round(index)) > 1e-6 || (i > 0 && t <= rows[i - 1]![0]))
      fail(i + 2, `${t} does not follow in steps of ${step} s`);
    counts[Math.round(index)] = n;
  });
  return { name, step, counts };
}
