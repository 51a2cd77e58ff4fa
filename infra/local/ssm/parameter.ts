/** What is kept of a parameter, and how a version of it is shown. */

export type ParameterType = 'String' | 'StringList' | 'SecureString';
export type Tier = 'Standard' | 'Advanced';

/** One version. Plain data, as it is written to the state folder. */
export interface Version {
  version: number;
  type: ParameterType;
  /** Ciphertext for a SecureString. */
  value: string;
  tier: Tier;
  dataType: string;
  /** Milliseconds. */
  modifiedAt: number;
  /** The ARN of who wrote it. */
  modifiedBy: string;
  labels: string[];
  description?: string;
  allowedPattern?: string;
  keyId?: string;
}

export interface Parameter {
  name: string;
  /** Oldest first, at most 100, never empty. */
  versions: Version[];
  tags: Record<string, string>;
}

/** Parameter versions that are kept. Source: SSM API Reference, PutParameter. */
export const MAX_VERSIONS = 100;

/** The leading slash of a hierarchical name is not doubled in its ARN. */
export const arnOf = (prefix: string, name: string): string => prefix + (name.startsWith('/') ? name : `/${name}`);

/** The newest; a parameter is never without a version. */
export function latest(parameter: Parameter): Version {
  const last = parameter.versions.at(-1);
  if (!last) throw new Error(`parameter ${parameter.name} has no version`);
  return last;
}
