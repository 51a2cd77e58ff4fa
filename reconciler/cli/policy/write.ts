import { formatProblem, parsePolicy } from '../../../policies/document/parse.ts';
import { color, out, UserError } from '../io.ts';
import type { PolicyStore, StoredPolicy } from '../policy-store.ts';
import { diffText } from './diff-text.ts';
import type { SeenVersions } from './seen.ts';

/** A document that was refused: one line a problem. Exit status 1. */
export class InvalidDocument extends UserError {
  readonly lines: string[];
  constructor(file: string, lines: string[]) {
    super(
      `${file} is not valid; nothing was written\n${lines.map((line) => `  ${line}`).join('\n')}`,
      'mend these lines and try again',
    );
    this.lines = lines;
  }
}

/** Throws InvalidDocument unless the text is a policy that may be stored under `name`. */
export function mustBeValid(file: string, text: string, name: string): void {
  const parsed = parsePolicy(text, { name });
  if (!parsed.ok)
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
  /** What the author's text is based on; undefined: on nothing, the policy is new. */
  base: StoredPolicy | undefined;
  advanced?: boolean;
}

/**
 * Stores a text as the next version, unless somebody stored another one after `base`. SSM cannot compare and swap, so
 * the check comes right before the write, and the version number that comes back tells whether anybody slipped between.
 */
export async function write({ store, seen, name, text, base, advanced }: WriteRequest): Promise<number> {
  const parameter = store.prefix + name;
  const now = await store.find(name);
  if (now?.version !== base?.version || now?.modified !== base?.modified) {
    if (now)
      out(
        diffText(
          base?.text ?? '',
          now.text,
          base ? `version ${base.version}` : 'nothing',
          `version ${now.version} (written meanwhile)`,
        ),
      );
    throw new UserError(
      `${parameter} was changed meanwhile: it is ${now ? `at version ${now.version}` : 'gone'}; nothing was written`,
      'look at the change above, take it into your text, and try again',
    );
  }
  const version = await store.put(name, text, { overwrite: base !== undefined, ...(advanced ? { advanced } : {}) });
  const stored = await store.find(name, version);
  if (stored) seen.note(parameter, stored);
  if (version !== (base?.version ?? 0) + 1)
    throw new UserError(
      `${parameter} is now at version ${version}, and somebody wrote version ${version - 1} in the same moment: yours is in force, theirs is not`,
      `compare: sluice policy diff ${name} --from ${version - 1} --to ${version}`,
    );
  out(`${color.green('stored')} ${parameter} version ${version}`);
  return version;
}
