import {
  GetParameterCommand,
  PutParameterCommand,
  paginateGetParameterHistory,
  paginateGetParametersByPath,
} from '@aws-sdk/client-ssm';
import { sizeOf } from '../../policies/grammar/size.ts';
import {
  type ParameterType,
  type ParameterVersion,
  type PastVersion,
  parameterOf,
  parametersOn,
  pastVersionsOn,
  versionWritten,
} from './border/ssm.ts';
import { abortedBy, type Clients } from './clients.ts';
import { classify } from './errors.ts';
import { allPages } from './pages.ts';

/** One version of a parameter; its name is the part below the store's prefix. */
export type StoredParameter = ParameterVersion;
/** One version of a parameter, with who wrote it. */
export type HistoryEntry = PastVersion;

export interface PutOptions {
  /** Without it, SSM refuses the write when the parameter is there already. */
  overwrite: boolean;
  /** Allows the Advanced tier, which costs, for a text above 4,096 bytes. Without it SSM refuses such a text. */
  advanced?: boolean;
  /** String when it is left out. */
  type?: ParameterType;
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

  /** Returns every parameter. A listing that breaks off, or of which one entry is damaged, is an error as a whole. */
  async list(): Promise<StoredParameter[]> {
    // SSM refuses a path that ends in a slash, except for the root.
    const Path = this.prefix.replace(/(.)\/$/, '$1');
    const input = { Path, Recursive: false, WithDecryption: true, MaxResults: 10 };
    const pages = await allPages('ssm:GetParametersByPath', paginateGetParametersByPath({ client: this.#ssm }, input));
    return pages.flatMap((page) => parametersOn(page, this.prefix)).map((parameter) => this.#below(parameter));
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

  /** Writes a new version and returns its number. */
  async put(name: string, text: string, options: PutOptions, signal?: AbortSignal): Promise<number> {
    const { overwrite, advanced = false, type = 'String' } = options;
    const command = new PutParameterCommand({
      Name: this.prefix + name,
      Value: text,
      Type: type,
      Overwrite: overwrite,
      ...(advanced && sizeOf(text).tier !== 'Standard' ? { Tier: 'Advanced' as const } : {}),
    });
    return versionWritten(await this.#ssm.send(command, abortedBy(signal)));
  }

  #below<T extends ParameterVersion>(parameter: T): T {
    return { ...parameter, name: parameter.name.slice(this.prefix.length) };
  }
}
