import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { decode, unreadable } from '../text/input.ts';
import { UserError } from '../text/user-error.ts';
import type { Trace } from './arrivals.ts';

/** Bytes that are read at most: ten years of minutes, and to spare. */
const MOST_BYTES = 256 * 1024 * 1024;
/** Steps of a trace at most: a step may be left out, so two lines could ask for more than memory holds. */
const MOST_STEPS = 50_000_000;

const HINT = 'a trace is CSV with the header t_s,arrivals: seconds from the start, and jobs that arrived in the step';

/** Reads a trace from a CSV file. Throws UserError that names the line. */
export function readTrace(file: string): Trace {
  return parseTrace(decode(file, bytesOf(file)), basename(file).replace(/\.csv$/, ''), file);
}

function bytesOf(file: string): Buffer {
  try {
    const { size } = statSync(file);
    if (size > MOST_BYTES) throw new UserError(`${file} is larger than 256 MB, the most that Sluice reads`, HINT);
    return readFileSync(file);
  } catch (error) {
    throw error instanceof UserError ? error : unreadable(file, error);
  }
}

/** Parses a trace. Steps must have one length; a step that is left out holds no arrivals. */
export function parseTrace(text: string, name: string, file = name): Trace {
  const lines = text.trim().split(/\r?\n/);
  const fail = (line: number, what: string): never => {
    throw new UserError(`${file}:${line}:1: ${what}`, HINT);
  };
  if (!/^t_s\s*,\s*arrivals$/.test(lines[0]?.trim() ?? '')) fail(1, 'the header is not t_s,arrivals');
  if (lines.length < 3) fail(lines.length, 'a trace needs at least two steps');
  const rows = lines.slice(1).map((line, i) => {
    const [t, n, ...rest] = line.split(',').map(numberOf);
    if (!Number.isFinite(t) || !Number.isInteger(n) || n! < 0 || rest.length > 0)
      fail(i + 2, `"${line.slice(0, 80)}" is not a time and a count`);
    return [t!, n!] as const;
  });
  const step = rows[1]![0] - rows[0]![0];
  if (!(step > 0)) fail(3, 'the time does not rise');
  const first = rows[0]![0];
  const steps = Math.round((rows.at(-1)![0] - first) / step) + 1;
  if (!(steps <= MOST_STEPS)) fail(lines.length, `the trace has ${steps} steps; Sluice plays at most ${MOST_STEPS}`);
  const counts = new Float64Array(Math.max(0, steps));
  rows.forEach(([t, n], i) => {
    const index = (t - first) / step;
    if (Math.abs(index - Math.round(index)) > 1e-6 || (i > 0 && t <= rows[i - 1]![0]))
      fail(i + 2, `${t} does not follow in steps of ${step} s`);
    counts[Math.round(index)] = n;
  });
  return { name, step, counts };
}

/** Number('') is 0, and an empty cell is no number. */
const numberOf = (cell: string): number => (cell.trim() === '' ? Number.NaN : Number(cell));
