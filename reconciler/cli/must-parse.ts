import { formatProblem, parsePolicy } from '../../policies/document/parse.ts';
import type { Place } from '../../policies/document/place.ts';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import { UserError } from '../text/user-error.ts';

/** Returns the policy of a text. Throws UserError with one line per problem. `source` names the text, e.g. its file. */
export function mustParse(source: string, text: string, generation = 1, home: Place = {}): WorkerPolicy {
  const parsed = parsePolicy(text, { generation, home });
  if (parsed.ok) return parsed.policy;
  throw new UserError(
    `${source} is not a valid policy`,
    'fix these lines and try again',
    parsed.problems.map((p) => formatProblem(source, p)),
  );
}
