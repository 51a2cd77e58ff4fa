import {
  GetParameterCommand,
  PutParameterCommand,
  paginateDescribeParameters,
  paginateGetParameterHistory,
  paginateGetParametersByPath,
} from '@aws-sdk/client-ssm';
import { sizeOf } from '../../policies/grammar/size.ts';
import type { Failure } from '../../policies/model/observation.ts';
import {
  keyOn,
  namesOn,
  type ParameterType,
  type ParameterVersion,
  type PastVersion,
  parameterOf,
  parametersOn,
  pastVersionsOn,
  versionWritten,
} from './border/ssm.ts';
import { abortedBy, type Clients } from './clients.ts';
import { classify, namedError } from './errors.ts';
import { allPages } from './pages.ts';

/** One version of a parameter; its name is the part below the store's prefix. */
export type StoredParameter = ParameterVersion;
/** All parameters below a prefix. */
export interface Listing {
  parameters: StoredParameter[];
  /** Those which are there and cannot be decrypted. Nothing else is wrong with them, least of all are they deleted. */
  unreadable: { name: string; version: number; modified: number; failure: Failure }[];
}

/** One version of a parameter, with who wrote it. */
export type HistoryEntry = PastVersion;

export interface PutOptions {
  /** Without it, SSM refuses the write when the parameter is there already. */
  overwrite: boolean;
  /** Allows the Advanced tier, which costs, for a text above 4,096 bytes. Without it SSM refuses such a text. */
  advanced?: boolean;
  /** String when it is left out. Whoever overwrites gives the type that stands there, or SSM changes it. */
  type?: ParameterType;
  /** A sentence that SSM keeps with this version, up to 1,024 characters. */
  description?: string;
}

/**
 * The parameters directly below a prefix such as `/sluice/policies/`. Policies, statuses, requests and the flags of
 * experiments are all read and written here. Every method rejects with what AWS threw, or with IncompleteAnswer.
 */
export class ParameterStore {
  readonly #ssm: Clients['ssm'];
  readonly prefix: string;

  constructor({ ssm }: Pick<Clients, 'ssm'>, prefix: string) {
    this.#ssm = ssm;
    this.prefix = prefix;
  }

  /**
   * Returns every parameter. A listing that breaks off, or of which one entry is damaged, is an error as a whole. One that cannot
   * be decrypted is not: SSM refuses the whole listing for it, so the encrypted ones are then read one by one.
   */
  async list(): Promise<Listing> {
    try {
      return { parameters: await this.#listed(true), unreadable: [] };
    } catch (error) {
      if (classify(error, 'ssm:GetParametersByPath').class === 'transient') throw error;
      const shown = await this.#listed(false).catch(() => []);
      // Without an encrypted one the refusal has another cause, and is told as it stands.
      if (shown.every(({ type }) => type !== 'SecureString')) throw error;
      return this.#oneByOne(shown);
    }
  }

  async #oneByOne(shown: readonly StoredParameter[]): Promise<Listing> {
    const listing: Listing = { parameters: [], unreadable: [] };
    for (const parameter of shown) {
      if (parameter.type !== 'SecureString') {
        listing.parameters.push(parameter);
        continue;
      }
      try {
        const found = await this.find(parameter.name);
        if (found) listing.parameters.push(found);
      } catch (error) {
        const failure = classify(error, 'ssm:GetParameter');
        // An outage says nothing about this parameter: the next listing asks again.
        if (failure.class === 'transient') throw error;
        const { name, version, modified } = parameter;
        listing.unreadable.push({ name, version, modified, failure });
      }
    }
    return listing;
  }

  async #listed(decrypted: boolean): Promise<StoredParameter[]> {
    const pages = await this.#pages({ Recursive: false, WithDecryption: decrypted });
    return pages.flatMap((page) => parametersOn(page, this.prefix)).map((parameter) => this.#below(parameter));
  }

  /**
   * Returns the whole names of the parameters in folders below the prefix, which no listing shows. For people's commands only:
   * the reconciler's role may not list recursively.
   */
  async inFolders(): Promise<string[]> {
    const pages = await this.#pages({ Recursive: true, WithDecryption: false });
    return pages
      .flatMap((page) => namesOn(page, this.prefix))
      .filter((name) => name.slice(this.prefix.length).includes('/'));
  }

  #pages(how: { Recursive: boolean; WithDecryption: boolean }): Promise<object[]> {
    // SSM refuses a path that ends in a slash, except for the root.
    const Path = this.prefix.replace(/(.)\/$/, '$1');
    const input = { Path, ...how, MaxResults: 10 };
    return allPages('ssm:GetParametersByPath', paginateGetParametersByPath({ client: this.#ssm }, input));
  }

  /** Returns the newest version, or the given one; undefined when SSM says that there is no such parameter. */
  async find(name: string, version?: number, signal?: AbortSignal): Promise<StoredParameter | undefined> {
    const whole = this.prefix + name;
    const Name = version === undefined ? whole : `${whole}:${version}`;
    try {
      const command = new GetParameterCommand({ Name, WithDecryption: true });
      return this.#below(parameterOf(await this.#ssm.send(command, abortedBy(signal)), whole, version));
    } catch (error) {
      if (classify(error, 'ssm:GetParameter').code === 'ParameterNotFound') return undefined;
      throw error;
    }
  }

  /** Returns every version that SSM still has, newest first. SSM keeps 100. */
  async history(name: string): Promise<HistoryEntry[]> {
    const whole = this.prefix + name;
    const input = { Name: whole, WithDecryption: true, MaxResults: 50 };
    const pages = await allPages('ssm:GetParameterHistory', paginateGetParameterHistory({ client: this.#ssm }, input));
    return pages
      .flatMap((page) => pastVersionsOn(page, whole))
      .map((entry) => this.#below(entry))
      .sort((a, b) => b.version - a.version);
  }

  /** Writes a new version and returns its number. A SecureString that is overwritten keeps its key. @throws KeyNotKnown */
  async put(name: string, text: string, options: PutOptions, signal?: AbortSignal): Promise<number> {
    const { overwrite, advanced = false, type = 'String', description } = options;
    const key = overwrite && type === 'SecureString' ? { KeyId: await this.#keyOf(this.prefix + name) } : {};
    const command = new PutParameterCommand({
      Name: this.prefix + name,
      Value: text,
      Type: type,
      Overwrite: overwrite,
      ...key,
      ...(description === undefined ? {} : { Description: description }),
      ...(advanced && sizeOf(text).tier !== 'Standard' ? { Tier: 'Advanced' as const } : {}),
    });
    return versionWritten(await this.#ssm.send(command, abortedBy(signal)));
  }

  /** Returns the key that encrypts a SecureString. Without it, SSM would encrypt the next version with its default key. */
  async #keyOf(whole: string): Promise<string> {
    const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: [whole] }];
    try {
      const pages = paginateDescribeParameters({ client: this.#ssm }, { ParameterFilters });
      return keyOn(await allPages('ssm:DescribeParameters', pages), whole);
    } catch (error) {
      const failure = classify(error, 'ssm:DescribeParameters');
      if (failure.class === 'transient') throw error;
      throw namedError(
        'KeyNotKnown',
        `${whole} is a SecureString, and its key cannot be read, so nothing was stored: ${failure.message}`,
      );
    }
  }

  #below<T extends ParameterVersion>(parameter: T): T {
    return { ...parameter, name: parameter.name.slice(this.prefix.length) };
  }
}
