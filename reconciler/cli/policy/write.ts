import { formatProblem, parsePolicy } from '../../../policies/document/parse.ts';
import type { Place } from '../../../policies/document/place.ts';
import { color, out } from '../../text/terminal.ts';
import { UserError } from '../../text/user-error.ts';
import type { PolicyStore, StoredPolicy } from '../policy-store.ts';
import { diffText } from './diff-text.ts';
import type { SeenVersions } from './seen.ts';

/** A document that was refused; its details are one line per problem. Exit status 1. */
export class InvalidDocument extends UserError {
  constructor(file: string, problems: readonly string[]) {
    super(`${file} is not valid; nothing was stored`, 'fix these lines and try again', problems);
  }
}

/** Throws InvalidDocument unless the text is a policy that may be stored under `name`. */
export function mustBeValid(file: string, text: string, name: string, home: Place = {}): void {
  const parsed = parsePolicy(text, { name, home });
  if (parsed.ok) return;
  throw new InvalidDocument(
    file,
    parsed.problems.map((p) => formatProblem(file, p)),
  );
}

export interface WriteRequest {
  store: PolicyStore;
  seen: SeenVersions;
  name: string;
  text: string;
  /** The version that the author's text is based on; undefined when the policy is new. */
  base: StoredPolicy | undefined;
  advanced?: boolean;
  /** Why, in the author's words; empty when none was given. */
  reason: string;
}

/**
 * Stores a text as the next version and returns its number. Throws UserError if somebody stored another one after
 * `base`. SSM has no conditional write, so this reads right before it writes, and the number that comes back tells
 * whether another write came in between.
 */
export async function write(
  { store, seen, name, text, base, advanced, reason }: WriteRequest,
  quiet = false,
): Promise<number> {
  const parameter = store.prefix + name;
  await mustBeUnchanged(store, name, base, quiet);
  const version = await store.put(name, text, { base, description: reason, ...(advanced ? { advanced } : {}) });
  const stored = await store.find(name, version);
  if (stored) seen.note(parameter, stored);
  if (version !== (base?.version ?? 0) + 1)
    throw new UserError(
      `${parameter} is now at version ${version}: your text is in force; version ${version - 1}, stored by another writer at the same moment, is not`,
      `compare them: sluice policy diff ${name} --from ${version - 1} --to ${version}`,
    );
  if (!quiet) out(`${color.green('stored')} ${parameter} version ${version}`);
  return version;
}

async function mustBeUnchanged(
  store: PolicyStore,
  name: string,
  base: StoredPolicy | undefined,
  quiet: boolean,
): Promise<void> {
  const now = await store.find(name);
  if (now?.version === base?.version && now?.modified === base?.modified) return;
  const label = base ? `version ${base.version}` : 'nothing';
  if (now && !quiet) out(diffText(base?.text ?? '', now.text, label, `version ${now.version} (stored meanwhile)`));
  throw new UserError(
    `${store.prefix}${name} was changed meanwhile: ${now ? `it is at version ${now.version}` : 'it was deleted'}; nothing was stored`,
    'merge that change into your text and try again',
  );
}
