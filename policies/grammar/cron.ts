import { Cron } from 'croner';
import type { Finding } from './finding.ts';

/** Between `after` and `next`, the next occurrence is `next`; undefined when there is none at all. */
interface Range {
  after: number;
  next: number | undefined;
}

interface Compiled {
  cron: Cron;
  never: boolean;
  /** The ranges that were computed last. A policy asks for the same few on every tick. */
  ranges: Range[];
}

const compiled = new Map<string, Compiled>();
const MOST_COMPILED = 5_000;
const MOST_RANGES = 4;

function compile(expression: string, timezone: string): Compiled {
  const key = `${timezone}|${expression}`;
  let found = compiled.get(key);
  if (!found) {
    const cron = new Cron(expression, { timezone, paused: true, mode: '5-part' });
    // A reference date makes croner resolve the zone now, so that an unknown one fails here and not at the first tick.
    const never = neverOccurs(expression);
    if (!never) cron.nextRun(new Date(0));
    if (compiled.size >= MOST_COMPILED) compiled.clear();
    found = { cron, never, ranges: [] };
    compiled.set(key, found);
  }
  return found;
}

/** Returns problems with an IANA time zone, at the path `timezone`. */
export function zoneFindings(timezone: string): Finding[] {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return [];
  } catch {
    return [
      {
        path: ['timezone'],
        message: `unknown time zone ${JSON.stringify(timezone)}`,
        hint: 'use an IANA name such as Europe/Berlin or UTC',
      },
    ];
  }
}

/** Returns problems with a five-field cron expression and its time zone, at the paths `cron` and `timezone`. */
export function cronFindings(expression: string, timezone: string): Finding[] {
  const zone = zoneFindings(timezone);
  if (zone.length > 0) return zone;
  try {
    compile(expression, timezone);
    if (nextOccurrence(expression, timezone, 0) !== undefined) return [];
    const message = 'never occurs: no month that it names has such a day';
    return [{ path: ['cron'], message, hint: 'change the day or the month, or delete the entry' }];
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    return [{ path: ['cron'], message, hint: 'five fields: minute hour day-of-month month day-of-week' }];
  }
}

/** Returns the first occurrence strictly after `after` (epoch ms), or undefined when there is none. */
export function nextOccurrence(expression: string, timezone: string, after: number): number | undefined {
  const { cron, never, ranges } = compile(expression, timezone);
  if (never) return undefined;
  const known = ranges.find((r) => r.after <= after && (r.next === undefined || after < r.next));
  if (known) return known.next;
  const next = cron.nextRun(new Date(after))?.getTime();
  ranges.unshift({ after, next });
  if (ranges.length > MOST_RANGES) ranges.pop();
  return next;
}

/**
 * Returns the window that holds `now`, when an occurrence within the last `durationMs` opened one. A window includes its
 * start and excludes its end.
 */
export function openWindow(
  expression: string,
  timezone: string,
  durationMs: number,
  now: number,
): { start: number; end: number } | undefined {
  const start = nextOccurrence(expression, timezone, now - durationMs);
  return start !== undefined && start <= now ? { start, end: start + durationMs } : undefined;
}

/** The longest that each month can be. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Returns true when no month of the expression has any of its days, as in `0 0 30 2 *`. croner would search for such a day
 * until the year 10000. Expressions of other forms than numbers, lists, ranges and steps are left to croner.
 */
function neverOccurs(expression: string): boolean {
  const [, , days = '*', months = '*', weekday = '*'] = expression.trim().split(/\s+/);
  if (days === '*' || months === '*' || weekday !== '*') return false;
  const [all, named] = [numbers(days), numbers(months)];
  return all !== undefined && named?.every((month) => Math.min(...all) > (DAYS[month - 1] ?? 31)) === true;
}

/** Returns the numbers of a field, at most 31; undefined when the field has another form. */
function numbers(field: string): number[] | undefined {
  const found: number[] = [];
  for (const part of field.split(',')) {
    const match = /^(\d{1,2})(?:-(\d{1,2})(?:\/(\d{1,2}))?)?$/.exec(part);
    if (!match) return undefined;
    const from = Number(match[1]);
    const to = match[2] === undefined ? from : Number(match[2]);
    for (let n = from; n <= Math.min(to, 31); n += Number(match[3]) || 1) found.push(n);
  }
  return found.length > 0 ? found : undefined;
}
