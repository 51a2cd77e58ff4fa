/** Names the kept entities of Parameter Store, and builds parameters from them. */
import { isObject } from '../input.ts';
import type { Parameter, Version } from './parameter.ts';

/** The key under which the key of SecureString values is kept. */
export const CIPHER = 'cipher';

export const parameterKey = (name: string): string => `parameter/${name}`;
/** The prefix of the keys of all versions. Names hold no colon. */
export const versionsOf = (name: string): string => `version/${name}:`;
export const versionKey = (name: string, version: number): string => versionsOf(name) + version;

/** Returns the part of a parameter that is kept beside its versions. */
export const headOf = ({ name, tags }: Parameter): Omit<Parameter, 'versions'> => ({ name, tags });

/** Yields the entities of a parameter. */
export function* entitiesOf(parameter: Parameter): Generator<readonly [string, unknown]> {
  yield [parameterKey(parameter.name), headOf(parameter)];
  for (const version of parameter.versions) yield [versionKey(parameter.name, version.version), version];
}

const isHead = (value: unknown): value is Omit<Parameter, 'versions'> =>
  isObject(value) && typeof value.name === 'string' && isObject(value.tags);

const isVersion = (value: unknown): value is Version =>
  isObject(value) &&
  Number.isInteger(value.version) &&
  typeof value.value === 'string' &&
  typeof value.type === 'string' &&
  Array.isArray(value.labels);

/** Builds the parameters from kept entities. @throws Error that names an entity of another form */
export function parametersOf(entities: ReadonlyMap<string, unknown>): Parameter[] {
  const parameters = new Map<string, Parameter>();
  for (const [key, value] of entities) {
    if (!key.startsWith('parameter/')) continue;
    if (!isHead(value)) throw new Error(`"${key}" is no parameter`);
    parameters.set(value.name, { ...value, versions: [] });
  }
  for (const [key, value] of entities) {
    if (!key.startsWith('version/')) continue;
    const parameter = parameters.get(key.slice('version/'.length, key.lastIndexOf(':')));
    if (!isVersion(value) || !parameter) throw new Error(`"${key}" is no version of a parameter`);
    parameter.versions.push(value);
  }
  for (const { name, versions } of parameters.values()) {
    if (versions.length === 0) throw new Error(`"${parameterKey(name)}" has no version`);
    versions.sort((a, b) => a.version - b.version);
  }
  return [...parameters.values()];
}
