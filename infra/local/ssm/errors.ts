/** Makes SSM's errors. A mistake of range or form is a ValidationException, which AWS words by constraint. */
import { AwsError } from '../service.ts';

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

/** Makes the error of a member that breaks a rule. @param value as AWS writes it, or null for a missing member */
export const constraint = (value: string | null, member: string, rule: string): AwsError => {
  const shown = value === null ? 'null' : `'${value}'`;
  return validation(`1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: ${rule}`);
};

export const missing = (member: string): AwsError => constraint(null, member, 'Member must not be null');

export const parameterNotFound = (name?: string): AwsError =>
  new AwsError('ParameterNotFound', name === undefined ? 'Parameter not found.' : `Parameter ${name} not found.`);

export const versionNotFound = (name: string, version: string | number): AwsError =>
  new AwsError(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`,
  );

export const alreadyExists = (): AwsError =>
  new AwsError(
    'ParameterAlreadyExists',
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  );

export const simple = (code: string, message: string): AwsError => new AwsError(code, message);

/** Makes the error of an unknown or damaged token. */
export const invalidNextToken = (): AwsError => simple('InvalidNextToken', 'The specified token is not valid.');
