import type { Paginator } from '@smithy/types';
import { namedError } from './errors.ts';

/** More than any account needs: 1,000 policies are 100 pages, 20,000 tasks are 200. */
const MOST_PAGES = 500;

/**
 * Returns every page of a listing. A listing that has no end is a failed reading: it throws IncompleteAnswer with the name
 * of the call.
 */
export async function allPages<Page>(action: string, pages: Paginator<Page>, most = MOST_PAGES): Promise<Page[]> {
  const found: Page[] = [];
  for await (const page of pages) {
    if (found.length >= most)
      throw namedError('IncompleteAnswer', `${action}: after ${most} pages there is still a token for the next one`);
    found.push(page);
  }
  return found;
}
