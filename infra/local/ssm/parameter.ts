/** Defines the record of a parameter. */

export type ParameterType = 'String' | 'StringList' | 'SecureString';
export type Tier = 'Standard' | 'Advanced';

/** One version. It is plain data, since it goes into the state folder. */
export interface Version {
  version: number;
  type: ParameterType;
  /** Ciphertext for a SecureString. */
  value: string;
  tier: Tier;
  dataType: string;
  /** Milliseconds. */
  modifiedAt: number;
  /** The ARN of the writer. */
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

/** The most versions kept of a parameter. Source: SSM API Reference, PutParameter. */
export const MAX_VERSIONS = 100;

/** Returns the ARN of a parameter. It does not double the leading slash of a hierarchical name. */
export const arnOf = (prefix: string, name: string): string => prefix + (name.startsWith('/') ? name : `/${name}`);

/** Returns the newest version. A parameter always has one. */
export function latest(parameter: Parameter): Version {
  const last = parameter.versions.at(-1);
  if (!last) throw new Error(`parameter ${parameter.name} has no version`);
  return last;
}
