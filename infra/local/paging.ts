/** Cuts sorted lists into pages. A token names the last item shown, so items that come or go do not shift the pages. */
import type { AwsError } from './service.ts';

export interface Paging<T> {
  /** Items on a page, at most. */
  size: number;
  token: string | undefined;
  /** Unique among the items. */
  key(item: T): string;
  /** True for items that are sorted by key from the last to the first. */
  descending?: boolean;
  /** Makes the error for a token that nobody issued. */
  badToken(): AwsError;
}

export interface Page<T> {
  items: T[];
  /** The token of the next page; undefined on the last one. */
  next: string | undefined;
}

const MARK = 'after:';

const issue = (key: string): string => Buffer.from(MARK + key).toString('base64url');

function keyOf(token: string, badToken: () => AwsError): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (!text.startsWith(MARK) || issue(text.slice(MARK.length)) !== token) throw badToken();
  return text.slice(MARK.length);
}

/** Returns the page of `items` that a token asks for; the first one without a token. @throws AwsError for a bad token */
export function page<T>(items: readonly T[], { size, token, key, descending = false, badToken }: Paging<T>): Page<T> {
  const start = token === undefined || token === '' ? 0 : behind(items, keyOf(token, badToken), key, descending);
  const shown = items.slice(start, start + size);
  const last = shown.at(-1);
  const more = start + size < items.length && last !== undefined;
  return { items: shown, next: more ? issue(key(last)) : undefined };
}

/** Returns the index behind the item of a key. If the item is gone, the order of keys tells where it stood. */
function behind<T>(items: readonly T[], after: string, key: (item: T) => string, descending: boolean): number {
  const at = items.findIndex((item) => key(item) === after);
  if (at >= 0) return at + 1;
  const next = items.findIndex((item) => (descending ? key(item) < after : key(item) > after));
  return next < 0 ? items.length : next;
}
