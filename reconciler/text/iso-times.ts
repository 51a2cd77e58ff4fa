/** Names of fields that hold a time in milliseconds since the epoch. */
const TIME = /^(at|since|until|deadline|next|[a-z]+At)$/;
/** September 2001; smaller numbers under such a name are no time. */
const EARLIEST = 1e12;

/** Returns a copy of a JSON value in which every time is ISO 8601 in UTC, as programs read it. */
export function isoTimes<T>(value: T): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => isoTimes(item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [
      key,
      isTime(key, item) ? iso(item) : isoTimes(item),
    ]),
  );
}

const isTime = (key: string, item: unknown): item is number =>
  typeof item === 'number' && item >= EARLIEST && item <= 8.64e15 && TIME.test(key);

const iso = (at: number): string => new Date(at).toISOString();
