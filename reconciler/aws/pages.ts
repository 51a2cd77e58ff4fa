import type { Paginator } from '@smithy/types';
import { namedError } from './errors.ts';

/** More than any account needs: 1,000 policies are 100 pages, 20,000 tasks are 200. */
const MOST_PAGES = 500;

/** The services name the field in two ways. */
interface Token {
  NextToken?: string | undefined;
  nextToken?: string | undefined;
}

/**
 * Returns every page of a listing. A listing that has no end, or that goes in a circle, is a failed reading: it throws
 * IncompleteAnswer with the name of the call.
 */
export async function allPages<Page extends object>(
  action: string,
  pages: Paginator<Page>,
  most = MOST_PAGES,
): Promise<Page[]> {
  const found: Page[] = [];
  let last: string | undefined;
  for await (const page of pages) {
    if (found.length >= most)
      throw namedError('IncompleteAnswer', `${action}: after ${most} pages there is still a token for the next one`);
    found.push(page);
    const token = tokenOf(page);
    if (token !== undefined && token === last)
      throw namedError('IncompleteAnswer', `${action}: two pages in a row have the same token for the next one`);
    last = token;
  }
  return found;
}

const tokenOf = ({ NextToken, nextToken }: Token): string | undefined => NextToken ?? nextToken;
