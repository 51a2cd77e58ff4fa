/** The grammars of what Systems Manager answers. */
import type { Instant } from '../../../policies/model/observation.ts';
import { namedError } from '../errors.ts';
import { Answer } from './answer.ts';

export type ParameterType = 'String' | 'StringList' | 'SecureString';

/** One version of a parameter. */
export interface ParameterVersion {
  /** The whole name, such as `/sluice/policies/jobs`. */
  name: string;
  version: number;
  text: string;
  type: ParameterType;
  modified: Instant;
  /** It names the Region and account that the parameters are in. */
  arn?: string;
}

export interface PastVersion extends ParameterVersion {
  /** ARN of who wrote it. */
  user: string;
  tier?: string;
  /** The reason that was given for this version. */
  description?: string;
}

const TYPES = ['String', 'StringList', 'SecureString'] as const;

/** Returns the parameters on a page of GetParametersByPath. Each name must stand directly below `prefix`. */
export function parametersOn(page: unknown, prefix: string): ParameterVersion[] {
  const parameters = new Answer('ssm:GetParametersByPath', page).get('Parameters').list();
  return parameters.map((parameter) => {
    const name = parameter.get('Name');
    const below = name.text().startsWith(prefix) && /^[^/]+$/.test(name.text().slice(prefix.length));
    return below ? versionOf(parameter) : name.refuse(`a name directly below ${prefix}`);
  });
}

/** Returns the names on a page of GetParametersByPath, each of which must stand below `prefix`, in whatever folder. */
export function namesOn(page: unknown, prefix: string): string[] {
  const parameters = new Answer('ssm:GetParametersByPath', page).get('Parameters').list();
  return parameters.map((parameter) => {
    const name = parameter.get('Name');
    return name.text().startsWith(prefix) ? name.text() : name.refuse(`a name below ${prefix}`);
  });
}

/** Returns the parameter of a GetParameter answer, which must be the one asked for, and in the version asked for. */
export function parameterOf(output: unknown, name: string, version?: number): ParameterVersion {
  const parameter = new Answer('ssm:GetParameter', output).get('Parameter');
  parameter.get('Name').exactly(name);
  const found = versionOf(parameter);
  return version === undefined || found.version === version
    ? found
    : parameter.get('Version').refuse(`version ${version}`);
}

/** Returns the versions on a page of GetParameterHistory, each of which must be one of `name`. */
export function pastVersionsOn(page: unknown, name: string): PastVersion[] {
  const versions = new Answer('ssm:GetParameterHistory', page).get('Parameters').list();
  return versions.map((entry) => {
    entry.get('Name').exactly(name);
    const tier = entry.get('Tier').ifPresent?.text();
    const description = entry.get('Description').words;
    return {
      ...versionOf(entry),
      user: entry.get('LastModifiedUser').ifPresent?.text() ?? '',
      ...(tier === undefined ? {} : { tier }),
      ...(description ? { description } : {}),
    };
  });
}

/** Returns the KMS key, as alias, id or ARN, of the SecureString `name` on the pages of DescribeParameters. */
export function keyOn(pages: readonly unknown[], name: string): string {
  const answers = pages.map((page) => new Answer('ssm:DescribeParameters', page).get('Parameters'));
  const found = answers.flatMap((answer) => answer.list()).find((each) => each.get('Name').text() === name);
  if (!found) throw namedError('IncompleteAnswer', `ssm:DescribeParameters: ${name} is left out, which is there`);
  found.get('Type').exactly('SecureString');
  return found.get('KeyId').text();
}

/** Returns the version that a PutParameter has written. */
export function versionWritten(output: unknown): number {
  return new Answer('ssm:PutParameter', output).get('Version').count(undefined, 1);
}

function versionOf(parameter: Answer): ParameterVersion {
  const arn = parameter.get('ARN').ifPresent?.text();
  return {
    name: parameter.get('Name').text(),
    version: parameter.get('Version').count(undefined, 1),
    text: parameter.get('Value').text(),
    type: parameter.get('Type').oneOf(TYPES),
    modified: parameter.get('LastModifiedDate').date(),
    ...(arn ? { arn } : {}),
  };
}
