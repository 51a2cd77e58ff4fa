import { namedError } from '../aws/errors.ts';
import { ParameterStore } from '../aws/parameters.ts';
import type { Writer } from './writer.ts';

/**
 * Writes the flag's value as a new version of its parameter, which is read first: the new version keeps its type, and with
 * `onlyIf` a value that somebody else wrote stays.
 */
export const setFlag: Writer<'SetFlag'> = async (aws, { parameter, value, onlyIf }, { signal }) => {
  const flags = new ParameterStore(aws, '');
  const present = await flags.find(parameter, undefined, signal);
  if (onlyIf !== undefined && present?.text !== onlyIf) return;
  if (present?.type === 'SecureString')
    throw namedError('UnsupportedFeatureException', `${parameter} is a SecureString; a flag must be a String`);
  await flags.put(parameter, value, { overwrite: true, type: present?.type ?? 'String' }, signal);
};
