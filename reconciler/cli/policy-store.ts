import { sizeOf } from '../../policies/grammar/size.ts';
import { ask } from '../aws/ask.ts';
import type { Clients } from '../aws/clients.ts';
import { classify } from '../aws/errors.ts';
import { type HistoryEntry, ParameterStore, type StoredParameter } from '../aws/parameters.ts';
import { UserError } from '../text/user-error.ts';

export type { HistoryEntry, StoredParameter as StoredPolicy } from '../aws/parameters.ts';

interface PutOptions {
  base: Pick<StoredParameter, 'type'> | undefined;
  /** Why the version is stored. An edit gives one even if empty, so that no version inherits the reason of the one before. */
  description?: string;
  advanced?: boolean;
}

/** The parameter store, for commands: each failure is a UserError that says what to do. */
export class PolicyStore {
  readonly #parameters: ParameterStore;

  constructor(aws: Clients, prefix: string) {
    this.#parameters = new ParameterStore(aws, prefix);
  }

  get prefix(): string {
    return this.#parameters.prefix;
  }

  /** Returns the newest version, or the given one; undefined when there is no such parameter. */
  async find(name: string, version?: number): Promise<StoredParameter | undefined> {
    try {
      return await this.#parameters.find(name, version);
    } catch (error) {
      const { code, message, hint } = classify(error, 'ssm:GetParameter');
      if (code === 'ParameterVersionNotFound')
        throw new UserError(
          `${this.prefix}${name} has no version ${version}`,
          `see the stored versions: sluice policy history ${name}`,
        );
      throw new UserError(message, hint);
    }
  }

  /** Returns what `find` returns, and throws when there is no such parameter. */
  async get(name: string, version?: number): Promise<StoredParameter> {
    const found = await this.find(name, version);
    if (!found)
      throw new UserError(
        `there is no policy ${name} (parameter ${this.prefix}${name})`,
        'see which there are: sluice status',
      );
    return found;
  }

  /** Returns the names of all stored policies, sorted. */
  async names(): Promise<string[]> {
    return (await this.all()).map((p) => p.name).sort();
  }

  /** Returns every stored document below the prefix. The text of one that cannot be decrypted is empty. */
  async all(): Promise<StoredParameter[]> {
    const { parameters, unreadable } = await ask('ssm:GetParametersByPath', () => this.#parameters.list());
    const sealed = unreadable.map(({ name, version, modified }) => ({ name, version, modified, text: '' }));
    return [...parameters, ...sealed.map((each) => ({ ...each, type: 'SecureString' as const }))];
  }

  /** Returns the whole names of parameters in folders below the prefix; none when they may not be listed. Never rejects. */
  inFolders(): Promise<string[]> {
    return this.#parameters.inFolders().catch(() => []);
  }

  /** Returns every version that SSM still has (it keeps 100), newest first. */
  history(name: string): Promise<HistoryEntry[]> {
    return ask('ssm:GetParameterHistory', () => this.#parameters.history(name));
  }

  /**
   * Writes a new version over `base`, of which it keeps the type and the key; over nothing when it is undefined. Returns the
   * new version's number. The Advanced tier, which costs, is used only when it is asked for.
   */
  async put(name: string, text: string, { base, description, advanced }: PutOptions): Promise<number> {
    const { bytes, tier } = sizeOf(text);
    if (tier === 'Advanced' && !advanced)
      throw new UserError(
        `the document is ${bytes} bytes; a standard parameter holds 4096`,
        'shorten it, or allow the advanced tier (which is paid) with --advanced',
      );
    const kept = base ? { overwrite: true, type: base.type } : { overwrite: false };
    return ask('ssm:PutParameter', () =>
      this.#parameters.put(name, text, {
        ...kept,
        ...(description === undefined ? {} : { description }),
        advanced: tier === 'Advanced',
      }),
    );
  }
}
