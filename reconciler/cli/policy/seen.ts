import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { StoredPolicy } from '../policy-store.ts';

const FILE = '.sluice/seen.json';

/**
 * Which stored version of a policy was last shown to the user in this folder. `apply` overwrites only that one: SSM has
 * no conditional write, so this is what keeps two authors from undoing each other unseen.
 */
export class SeenVersions {
  readonly #scope: string;

  /** `scope` names the AWS endpoint or region, since versions of two accounts have nothing to do with each other. */
  constructor(scope: string) {
    this.#scope = scope;
  }

  has(parameter: string, stored: StoredPolicy): boolean {
    return this.#read()[`${this.#scope} ${parameter}`] === stampOf(stored);
  }

  note(parameter: string, stored: StoredPolicy): void {
    const all = this.#read();
    all[`${this.#scope} ${parameter}`] = stampOf(stored);
    try {
      mkdirSync('.sluice', { recursive: true, mode: 0o700 });
      writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
    } catch {
      // A folder that cannot be written costs a question at the next apply, nothing more.
    }
  }

  #read(): Record<string, string> {
    try {
      return JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string>;
    } catch {
      return {};
    }
  }
}

// The date too: a parameter that was deleted and made again counts its versions from 1 once more.
const stampOf = ({ version, modified }: StoredPolicy): string => `${version}@${modified}`;
