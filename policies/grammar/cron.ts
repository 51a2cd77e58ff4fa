import { Cron } from 'croner';

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

/** What is wrong with a five-field cron expression or its IANA time zone; undefined when nothing is. */
export function cronProblem(expression: string, timezone: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    return `unknown time zone ${JSON.stringify(timezone)}`;
  }
  try {
    cron(expression, timezone);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^CronPattern: /, '');
  }
}

/** The first occurrence strictly after `after` (epoch ms), or undefined when there is none. */
export function nextOccurrence(expression: string, timezone: string, after: number): number | undefined {
  return cron(expression, timezone).nextRun(new Date(after))?.getTime();
}

/**
 * The start of the window that holds `now`, when an occurrence within the last `durationMs` opened one. A window holds
 * its start and not its end.
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
