/** Times for people: local time (TZ is heeded) with its zone. Programs get ISO 8601 in UTC. */

const two = (n: number): string => String(n).padStart(2, '0');

/** Returns the offset of the local zone at a time: `Z`, or such as `+02:00`. */
function zoneOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return 'Z';
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Returns a time to the second, such as 2026-11-25T01:20:06+01:00, which `--at` and `--since` accept; "-" if unreadable. */
export function timeText(at: number | string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '-';
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}${zoneOf(date)}`;
}

/** A stretch of time in milliseconds since the epoch: its first and its last one. */
export interface Span {
  from: number;
  to: number;
}

const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d)(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/i;
const FULL = /^(\d{4}-\d\d-\d\d)(?:[T ](.+))?$/;
const DAY_MS = 86_400_000;

/**
 * Returns the time that a person names, with all of its last unit: a second has 1,000 milliseconds. Accepts a date with or
 * without a clock time, or a clock time alone, which is its last occurrence. Without a zone it is local time. Undefined
 * when it is not a time.
 */
export function parseTime(text: string, now = Date.now()): Span | undefined {
  const trimmed = text.trim();
  const [, day, clock] = FULL.exec(trimmed) ?? [];
  if (day !== undefined) return clock === undefined ? at(day, '00:00', DAY_MS) : at(day, clock);
  const here = new Date(now);
  const zone = /Z$|[+-]\d\d:\d\d$/i.exec(trimmed)?.[0];
  const local = zone === undefined ? timeText(now) : inZone(here, zone);
  const found = at(local.slice(0, 10), trimmed);
  if (!found || found.from <= now) return found;
  return { from: found.from - DAY_MS, to: found.to - DAY_MS };
}

/** Returns a time as its ISO text in a zone given by its offset. */
function inZone(date: Date, zone: string): string {
  if (/^z$/i.test(zone)) return date.toISOString();
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number);
  const offset = (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
  return new Date(date.getTime() + offset).toISOString();
}

function at(day: string, clock: string, unit?: number): Span | undefined {
  const parts = CLOCK.exec(clock);
  if (!parts) return undefined;
  const [, hours = '', minutes = '', seconds, fraction = '', zone = ''] = parts;
  const from = Date.parse(`${day}T${two(Number(hours))}:${minutes}:${seconds ?? '00'}${fraction}${zone.toUpperCase()}`);
  if (Number.isNaN(from)) return undefined;
  const precision = unit ?? (seconds === undefined ? 60_000 : fraction === '' ? 1_000 : 1);
  return { from, to: from + precision - 1 };
}
