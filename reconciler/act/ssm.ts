import { ParameterStore } from '../aws/parameters.ts';
import type { Writer } from './writer.ts';

/** Writes the flag's value as a new version of its parameter. */
export const setFlag: Writer<'SetFlag'> = (aws, { parameter, value }, _policy, signal) =>
  new ParameterStore(aws, '').put(parameter, value, { overwrite: true }, signal);
