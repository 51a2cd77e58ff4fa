import {
  GetParameterCommand,
  type GetParameterCommandOutput,
  GetParameterHistoryCommand,
  type GetParameterHistoryCommandOutput,
  GetParametersByPathCommand,
  type GetParametersByPathCommandOutput,
  PutParameterCommand,
  type PutParameterCommandOutput,
} from '@aws-sdk/client-ssm';
import { sizeOf } from '../../policies/grammar/size.ts';
import { ask } from '../cli/connect.ts';
import { UserError } from '../cli/io.ts';
import type { Aws } from './client.ts';
import { classify } from './errors.ts';

export interface StoredPolicy {
  version: number;
  text: string;
  /** Epoch milliseconds. */
  modified: number;
  tier?: string;
}

export interface HistoryEntry extends StoredPolicy {
  /** ARN of who wrote it. */
  user: string;
}

/** Policy documents in SSM, for commands. */
export class PolicyStore {
  readonly #aws: Aws;
  readonly prefix: string;

  constructor(aws: Aws, prefix: string) {
    this.#aws = aws;
    this.prefix = prefix;
  }

  /** The newest version or a given one; undefined when there is no such parameter. */
  async find(name: string, version?: number): Promise<StoredPolicy | undefined> {
    const Name = this.prefix + name + (version === undefined ? '' : `:${version}`);
    try {
      const { Parameter: p } = await this.#aws.call<GetParameterCommandOutput>(
        'ssm',
        'ssm:GetParameter',
        new GetParameterCommand({ Name, WithDecryption: true }),
      );
      return { version: p?.Version ?? 0, text: p?.Value ?? '', modified: p?.LastModifiedDate?.getTime() ?? 0 };
    } catch (error) {
      const { code, message, hint } = classify(error, 'ssm:GetParameter');
      if (code === 'ParameterNotFound') return undefined;
      if (code === 'ParameterVersionNotFound')
        throw new UserError(
          `${this.prefix}${name} has no version ${version}`,
          `see which there are: sluice policy history ${name}`,
        );
      throw new UserError(message, hint);
    }
  }

  async get(name: string, version?: number): Promise<StoredPolicy> {
    const found = await this.find(name, version);
    if (!found)
      throw new UserError(
        `there is no policy ${name} (parameter ${this.prefix}${name})`,
        'see which there are: sluice status',
      );
    return found;
  }

  /** The names of all stored policies. */
  async names(): Promise<string[]> {
    return (await this.all()).map((p) => p.name).sort();
  }

  /** Every stored document below the prefix. */
  async all(): Promise<(StoredPolicy & { name: string })[]> {
    const found: (StoredPolicy & { name: string })[] = [];
    let NextToken: string | undefined;
    do {
      const page = await ask('ssm:GetParametersByPath', () =>
        this.#aws.call<GetParametersByPathCommandOutput>(
          'ssm',
          'ssm:GetParametersByPath',
          new GetParametersByPathCommand({
            Path: this.prefix.replace(/(.)\/$/, '$1'),
            WithDecryption: true,
            ...(NextToken ? { NextToken } : {}),
          }),
        ),
      );
      for (const p of page.Parameters ?? [])
        found.push({
          name: (p.Name ?? '').slice(this.prefix.length),
          version: p.Version ?? 0,
          text: p.Value ?? '',
          modified: p.LastModifiedDate?.getTime() ?? 0,
        });
      NextToken = page.NextToken;
    } while (NextToken);
    return found;
  }

  /** Every version that SSM still has (it keeps 100), newest first. */
  async history(name: string): Promise<HistoryEntry[]> {
    const entries: HistoryEntry[] = [];
    let NextToken: string | undefined;
    do {
      const page = await ask('ssm:GetParameterHistory', () =>
        this.#aws.call<GetParameterHistoryCommandOutput>(
          'ssm',
          'ssm:GetParameterHistory',
          new GetParameterHistoryCommand({
            Name: this.prefix + name,
            WithDecryption: true,
            MaxResults: 50,
            ...(NextToken ? { NextToken } : {}),
          }),
        ),
      );
      for (const p of page.Parameters ?? [])
        entries.push({
          version: p.Version ?? 0,
          text: p.Value ?? '',
          modified: p.LastModifiedDate?.getTime() ?? 0,
          user: p.LastModifiedUser ?? '',
          ...(p.Tier ? { tier: p.Tier } : {}),
        });
      NextToken = page.NextToken;
    } while (NextToken);
    return entries.sort((a, b) => b.version - a.version);
  }

  /** Writes a new version and returns its number. The tier is raised to Advanced (which costs) only when asked. */
  async put(name: string, text: string, options: { overwrite: boolean; advanced?: boolean }): Promise<number> {
    const { bytes, tier } = sizeOf(text);
    if (tier === 'Advanced' && !options.advanced)
      throw new UserError(
        `the document is ${bytes} bytes; a standard parameter holds 4096`,
        'shorten it, or allow the advanced tier (which is paid) with --advanced',
      );
    const { Version } = await ask('ssm:PutParameter', () =>
      this.#aws.call<PutParameterCommandOutput>(
        'ssm',
        'ssm:PutParameter',
        new PutParameterCommand({
          Name: this.prefix + name,
          Value: text,
          Type: 'String',
          Overwrite: options.overwrite,
          ...(tier === 'Advanced' ? { Tier: 'Advanced' as const } : {}),
        }),
      ),
    );
    return Version ?? 0;
  }
}
