/** Field types that several parts of the document and of stored state use. */
import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from './duration.ts';

export const MAX_WORKERS = 5_000; // ECS: tasks per service.
export const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** Returns a field that holds a duration text and becomes milliseconds. `min` and `max` are durations too. */
export function duration(description: string, range: { min?: string; max?: string } = {}) {
  const min = range.min === undefined ? 0 : parseDuration(range.min)!;
  const max = range.max === undefined ? Number.POSITIVE_INFINITY : parseDuration(range.max)!;
  const meaning = `${description}${range.min || range.max ? ` (${range.min ?? '0s'} to ${range.max ?? 'any'})` : ''}`;
  return z
    .string({
      error: (issue) =>
        issue.input === undefined ? undefined : 'must be a duration in quotes or plain, such as 10s, 5m or 1h30m',
    })
    .regex(DURATION_PATTERN, 'must be a duration such as 10s, 5m or 1h30m')
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms === undefined || ms < min || ms > max) {
        context.addIssue({ code: 'custom', message: `must be from ${range.min ?? '0s'} to ${range.max ?? 'any'}` });
        return z.NEVER;
      }
      return ms;
    })
    .meta({ description: meaning, examples: ['10s', '5m'] });
}

/** A count of messages, workers or tasks as it is stored: a whole number from 0. */
export const wholeCount = z.int().min(0);
/** A time as it is stored: ISO 8601, which becomes epoch milliseconds. */
export const isoTime = z.string().transform((text, context) => {
  const at = Date.parse(text);
  if (!Number.isFinite(at)) context.addIssue({ code: 'custom', message: 'must be an ISO 8601 time' });
  return at;
});

export const workers = (description: string) => z.int().min(0).max(MAX_WORKERS).meta({ description });

/** Returns a field for a name. `noSlash` is the reason that a text with a slash is told. */
export const name = (what: string, noSlash = 'a name is one segment') =>
  z
    .string()
    .regex(NAME, {
      error: ({ input }) =>
        String(input).includes('/')
          ? `must not hold a slash (${String(input).replaceAll('/', '-')}, for example): ${noSlash}`
          : `must be ${what}: letters, digits, '-', '_' and '.', at most 128 characters`,
    })
    .meta({ description: what });

export const timezone = z.string().min(1).default('UTC').meta({ description: 'IANA time zone of the cron expression' });
export const cron = z
  .string()
  .min(1)
  .meta({ description: 'five-field cron expression', examples: ['0 8 * * 1-5'] });

/** Fields of an entry that is open for a while after each occurrence of a cron expression. */
export const cronWindow = {
  cron,
  duration: duration('how long each occurrence lasts', { min: '1m', max: '31d' }),
  timezone,
};
