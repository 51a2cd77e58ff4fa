import { Cron } from 'croner';
import type { Finding } from './finding.ts';

/** Compiled expressions are kept, since a policy asks for the same few on every tick. */
const compiled = new Map<string, Cron>();
const MOST_COMPILED = 5_000;

function cron(expression: string, timezone: string): Cron {
  const key = `${timezone}|${expression}`;
  let found = compiled.get(key);
  if (!found) {
    found = new Cron(expression, { timezone, paused: true, mode: '5-part' });
    // A reference date makes croner resolve the zone now, so that an unknown one fails here and not at the first tick.
    found.nextRun(new Date(0));
    if (compiled.size >= MOST_COMPILED) compiled.clear();
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
    cron(expression, timezone);
    return [];
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    return [{ path: ['cron'], message, hint: 'five fields: minute hour day-of-month month day-of-week' }];
  }
}

/** Returns the first occurrence strictly after `after` (epoch ms), or undefined when there is none. */
export function nextOccurrence(expression: string, timezone: string, after: number): number | undefined {
  return cron(expression, timezone).nextRun(new Date(after))?.getTime();
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
