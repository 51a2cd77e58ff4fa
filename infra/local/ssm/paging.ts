/** Reads the paging members of SSM's lists. */
import { integer, text } from '../input.ts';
import { page as cut } from '../paging.ts';
import type { Input } from '../service.ts';
import { constraint, invalidNextToken } from './errors.ts';

export interface Page<T> {
  items: T[];
  NextToken: string | undefined;
}

/** Returns the page that a request asks for. @param items sorted by `key` @param maximum the largest `MaxResults` */
export function page<T>(items: readonly T[], key: (item: T) => string, input: Input, maximum: number): Page<T> {
  const size = integer(input, 'MaxResults') ?? Math.min(maximum, 10);
  if (size < 1) throw constraint(String(size), 'maxResults', 'Member must have value greater than or equal to 1');
  if (size > maximum)
    throw constraint(String(size), 'maxResults', `Member must have value less than or equal to ${maximum}`);
  const found = cut(items, { size, token: text(input, 'NextToken'), key, badToken: invalidNextToken });
  return { items: found.items, NextToken: found.next };
}
