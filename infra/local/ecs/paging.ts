/** Pages of ECS lists: `maxResults` 1 to 100 and an opaque `nextToken`. */
import { integer, text } from '../input.ts';
import type { Input } from '../service.ts';
import { invalidParameter } from './errors.ts';

const LARGEST_PAGE = 100;

/** The token holds the last item shown, so that items added or gone meanwhile do not shift the pages. */
export function page(items: readonly string[], input: Input, defaultSize = LARGEST_PAGE, descending = false) {
  const size = integer(input, 'maxResults') ?? defaultSize;
  if (size < 1 || size > LARGEST_PAGE) throw invalidParameter(`maxResults must be between 1 and ${LARGEST_PAGE}.`);
  const token = text(input, 'nextToken');
  const rank = (item: string): number => items.indexOf(item);
  let start = 0;
  if (token !== undefined) {
    const last = Buffer.from(token, 'base64url').toString('utf8');
    if (last === '' || Buffer.from(last).toString('base64url') !== token)
      throw invalidParameter('Invalid token in NextToken.');
    const at = rank(last);
    start = at >= 0 ? at + 1 : items.findIndex((item) => (descending ? item < last : item > last));
    if (start < 0) start = items.length;
  }
  const shown = items.slice(start, start + size);
  const last = shown.at(-1);
  const more = start + size < items.length && last !== undefined;
  return { items: shown, nextToken: more ? Buffer.from(last).toString('base64url') : undefined };
}
