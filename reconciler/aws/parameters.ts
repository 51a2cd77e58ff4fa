import {
  GetParameterCommand,
  type Parameter,
  type ParameterHistory,
  PutParameterCommand,
  paginateGetParameterHistory,
  paginateGetParametersByPath,
} from '@aws-sdk/client-ssm';
import { sizeOf } from '../../policies/grammar/size.ts';
import { abortedBy, type Clients } from './clients.ts';
import { classify } from './errors.ts';
import { allPages } from './pages.ts';

/** One version of a parameter. */
export interface StoredParameter {
  /** The name below the store's prefix. */
  name: string;
  version: number;
  text: string;
  /** Epoch milliseconds. */
  modified: number;
}

/** One version of a parameter, as its history tells it. */
export interface HistoryEntry extends StoredParameter {
  /** ARN of who wrote it. */
  user: string;
  tier?: string;
}

/**
 * The parameters directly below a prefix such as `/sluice/policies/`. Policies, statuses, requests and the flags of
 * experiments are all read and written here. Every method rejects with what AWS threw.
 */
export class ParameterStore {
  readonly #ssm: Clients['ssm'];
  readonly prefix: string;

  constructor({ ssm }: Pick<Clients, 'ssm'>, prefix: string) {
    this.#ssm = ssm;
    this.prefix = prefix;
  }

  /** Returns every parameter, whole: a listing that breaks off is an error. */
  async list(): Promise<StoredParameter[]> {
    // SSM refuses a path that ends in a slash, except for the root.
    const Path = this.prefix.replace(/(.)\/$/, '$1');
    const input = { Path, Recursive: false, WithDecryption: true, MaxResults: 10 };
    const pages = await allPages('ssm:GetParametersByPath', paginateGetParametersByPath({ client: this.#ssm }, input));
    return pages
      .flatMap(({ Parameters = [] }) => Parameters)
      .filter(({ Name }) => Name?.startsWith(this.prefix))
      .map((parameter) => this.#stored(parameter));
  }

  /** Returns the newest version, or the given one; undefined when there is no such parameter. */
  async find(name: string, version?: number, signal?: AbortSignal): Promise<StoredParameter | undefined> {
    const Name = this.prefix + name + (version === undefined ? '' : `:${version}`);
    try {
      const command = new GetParameterCommand({ Name, WithDecryption: true });
      const { Parameter = {} } = await this.#ssm.send(command, abortedBy(signal));
      return { ...this.#stored(Parameter), name };
    } catch (error) {
      if (classify(error, 'ssm:GetParameter').code === 'ParameterNotFound') return undefined;
      throw error;
    }
  }

  /** Returns every version that SSM still has, newest first. SSM keeps 100. */
  async history(name: string): Promise<HistoryEntry[]> {
    const input = { Name: this.prefix + name, WithDecryption: true, MaxResults: 50 };
    const pages = await allPages('ssm:GetParameterHistory', paginateGetParameterHistory({ client: this.#ssm }, input));
    return pages
      .flatMap(({ Parameters = [] }) => Parameters)
      .map((entry) => ({
        ...this.#stored(entry),
        name,
        user: entry.LastModifiedUser ?? '',
        ...(entry.Tier ? { tier: entry.Tier } : {}),
      }))
      .sort((a, b) => b.version - a.version);
  }

  /**
   * Writes a new version and returns its number. SSM refuses a text above 4,096 bytes, unless the Advanced tier, which
   * costs, is allowed.
   */
  async put(
    name: string,
    text: string,
    options: { overwrite: boolean; advanced?: boolean },
    signal?: AbortSignal,
  ): Promise<number> {
    const advanced = options.advanced === true && sizeOf(text).tier !== 'Standard';
    const command = new PutParameterCommand({
      Name: this.prefix + name,
      Value: text,
      Type: 'String',
      Overwrite: options.overwrite,
      ...(advanced ? { Tier: 'Advanced' as const } : {}),
    });
    const { Version = 0 } = await this.#ssm.send(command, abortedBy(signal));
    return Version;
  }

  #stored({ Name = '', Version = 0, Value = '', LastModifiedDate }: Parameter | ParameterHistory): StoredParameter {
    return {
      name: Name.slice(this.prefix.length),
      version: Version,
      text: Value,
      modified: LastModifiedDate?.getTime() ?? 0,
    };
  }
}
