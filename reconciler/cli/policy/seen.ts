import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { StoredPolicy } from '../policy-store.ts';

const FILE = '.sluice/seen.json';

/**
 * Remembers which stored version of a policy was last shown to the user in this folder. `apply` replaces only that one:
 * SSM has no conditional write, so this keeps two authors from undoing each other's work unseen.
 */
export class SeenVersions {
  readonly #scope: string;

  /** `scope` names the AWS endpoint or region: versions in two accounts are unrelated. */
  constructor(scope: string) {
    this.#scope = scope;
  }

  /** Returns true when this version was shown in this folder. */
  has(parameter: string, stored: StoredPolicy): boolean {
    return this.#read()[`${this.#scope} ${parameter}`] === stampOf(stored);
  }

  /** Notes that this version was shown. */
  note(parameter: string, stored: StoredPolicy): void {
    const all = this.#read();
    all[`${this.#scope} ${parameter}`] = stampOf(stored);
    try {
      mkdirSync('.sluice', { recursive: true, mode: 0o700 });
      writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
    } catch {
      // In a folder that cannot be written the next apply asks for --if-version; nothing else changes.
    }
  }

  #read(): Record<string, string> {
    try {
      const value: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
      const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
      return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
    } catch {
      return {};
    }
  }
}

// With the date: a parameter that was deleted and created again counts its versions from 1 again.
const stampOf = ({ version, modified }: StoredPolicy): string => `${version}@${modified}`;
