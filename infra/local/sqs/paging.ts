/** Reads the paging members of SQS's lists of names. */
import { integer, text } from '../input.ts';
import { page as cut } from '../paging.ts';
import type { Input } from '../service.ts';
import { invalidValue } from './errors.ts';

const LARGEST_PAGE = 1000;

/** Returns the page of sorted names that a request asks for. */
export function page(names: readonly string[], input: Input): { items: string[]; NextToken: string | undefined } {
  const max = integer(input, 'MaxResults');
  if (max !== undefined && (max < 1 || max > LARGEST_PAGE))
    throw invalidValue(max, 'MaxResults', `MaxResults must be an integer between 1 and ${LARGEST_PAGE}.`);
  const token = text(input, 'NextToken');
  const badToken = () => invalidValue(token, 'NextToken', 'Invalid or expired next token.');
  const found = cut(names, { size: max ?? LARGEST_PAGE, token, key: (name) => name, badToken });
  // Without MaxResults AWS gives no token: the list ends at a thousand.
  return { items: found.items, NextToken: max === undefined ? undefined : found.next };
}
