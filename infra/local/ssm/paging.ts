/** Pages of sorted lists. A token holds the key after which the next page begins, so changes in between do no harm. */
import { integer, text } from '../input.ts';
import type { Input } from '../service.ts';
import { constraint, invalidNextToken } from './errors.ts';

export interface Page<T> {
  items: T[];
  NextToken: string | undefined;
}

/** @param items sorted by `key` in ascending order */
export function page<T>(items: readonly T[], key: (item: T) => string, input: Input, maximum: number): Page<T> {
  const max = integer(input, 'MaxResults') ?? Math.min(maximum, 10);
  if (max < 1) throw constraint(String(max), 'maxResults', 'Member must have value greater than or equal to 1');
  if (max > maximum)
    throw constraint(String(max), 'maxResults', `Member must have value less than or equal to ${maximum}`);
  const token = text(input, 'NextToken');
  const after = token === undefined || token === '' ? undefined : readToken(token);
  const rest = after === undefined ? items : items.filter((item) => key(item) > after);
  const shown = rest.slice(0, max);
  const last = shown.at(-1);
  const more = rest.length > shown.length && last !== undefined;
  return { items: shown, NextToken: more ? Buffer.from(`after:${key(last)}`).toString('base64') : undefined };
}

function readToken(token: string): string {
  const plain = Buffer.from(token, 'base64').toString('utf8');
  if (!plain.startsWith('after:')) throw invalidNextToken();
  return plain.slice('after:'.length);
}
