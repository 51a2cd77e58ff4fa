/** Reads the paging members of ECS's lists: `maxResults` from 1 to 100, and `nextToken`. */
import { integer, text } from '../input.ts';
import { page as cut } from '../paging.ts';
import type { Input } from '../service.ts';
import { invalidParameter } from './errors.ts';

const LARGEST_PAGE = 100;

export interface Page {
  items: string[];
  nextToken: string | undefined;
}

/** Returns the page of `items` that a request asks for. */
export function page(items: readonly string[], input: Input, defaultSize = LARGEST_PAGE, descending = false): Page {
  const size = integer(input, 'maxResults') ?? defaultSize;
  if (size < 1 || size > LARGEST_PAGE) throw invalidParameter(`maxResults must be between 1 and ${LARGEST_PAGE}.`);
  const badToken = () => invalidParameter('Invalid token in NextToken.');
  const found = cut(items, { size, token: text(input, 'nextToken'), key: (item) => item, descending, badToken });
  return { items: found.items, nextToken: found.next };
}
