/** The parameters of the account, with their versions, labels and tags. Knows nothing of requests. */
import type { Clock } from '../clock.ts';
import type { ParameterChange, ParameterChangeSource } from '../context.ts';
import { isObject } from '../input.ts';
import { Cipher } from './cipher.ts';
import { alreadyExists, parameterNotFound, simple, validation, versionNotFound } from './errors.ts';
import { attach } from './labels.ts';
import { latest, MAX_VERSIONS, type Parameter, type ParameterType, type Tier, type Version } from './parameter.ts';
import type { Put } from './put.ts';

/** A parameter with the version that a name such as `/a:3` or `/a:live` selects. */
export interface Selected {
  parameter: Parameter;
  version: Version;
  /** With its colon, as replies repeat it. */
  selector: string | undefined;
}

interface State {
  key: string;
  parameters: Parameter[];
}

const MAX_VERSIONS_MESSAGE = (name: string, version: number): string =>
  `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. ` +
  `Version ${version}, the oldest version, can't be deleted because it has a label associated with it. ` +
  'Move the label to another version of the parameter, and try again.';

export class ParameterStore implements ParameterChangeSource {
  readonly #clock: Clock;
  /** The beginning of every parameter's ARN, up to and with `parameter`. */
  readonly #arnPrefix: string;
  readonly #byName = new Map<string, Parameter>();
  readonly #listeners = new Set<(change: ParameterChange) => void>();
  #cipher = new Cipher();

  constructor(clock: Clock, arnPrefix: string) {
    this.#clock = clock;
    this.#arnPrefix = arnPrefix;
  }

  onParameterChange(listener: (change: ParameterChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** By name. */
  all(): Parameter[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @param name a name or an ARN, without a selector */
  find(name: string): Parameter | undefined {
    return this.#byName.get(this.plainName(name));
  }

  /** Names may be given as ARNs; a hierarchical name's ARN has one slash, a flat name's too. */
  plainName(name: string): string {
    if (!name.startsWith('arn:')) return name;
    const rest = name.startsWith(this.#arnPrefix) ? name.slice(this.#arnPrefix.length) : name;
    return this.#byName.has(rest) ? rest : this.#byName.has(rest.slice(1)) ? rest.slice(1) : rest;
  }

  /** @throws AwsError ParameterNotFound, ParameterVersionNotFound */
  select(text: string): Selected {
    const from = text.startsWith('arn:') ? text.indexOf('parameter/') : 0;
    const at = text.indexOf(':', Math.max(0, from));
    const name = at < 0 ? text : text.slice(0, at);
    const parameter = this.find(name);
    if (!parameter) throw parameterNotFound();
    if (at < 0) return { parameter, version: latest(parameter), selector: undefined };
    const wanted = text.slice(at + 1);
    const version = parameter.versions.find((each) =>
      /^\d+$/.test(wanted) ? each.version === Number(wanted) : each.labels.includes(wanted),
    );
    if (!version) throw versionNotFound(parameter.name, wanted);
    return { parameter, version, selector: text.slice(at) };
  }

  /** The value in clear, or the ciphertext of a SecureString unless it is to be decrypted. */
  value(name: string, version: Version, decrypt: boolean): string {
    return version.type === 'SecureString' && decrypt ? this.#cipher.decrypt(version.value, name) : version.value;
  }

  /** @throws AwsError ParameterAlreadyExists, ParameterMaxVersionLimitExceeded, ValidationException */
  put(put: Put, tier: Tier, tags: Record<string, string>, writer: string): Version {
    const existing = this.#byName.get(put.name);
    if (existing && !put.overwrite) throw alreadyExists();
    const before = existing && latest(existing);
    const type = this.#type(put, before?.type);
    const version: Version = {
      version: (before?.version ?? 0) + 1,
      type,
      value: type === 'SecureString' ? this.#cipher.encrypt(put.value, put.name) : put.value,
      tier,
      dataType: put.dataType ?? before?.dataType ?? 'text',
      modifiedAt: this.#clock.now(),
      modifiedBy: writer,
      labels: [],
    };
    const description = put.description ?? before?.description;
    if (description) version.description = description;
    if (put.allowedPattern !== undefined) version.allowedPattern = put.allowedPattern;
    if (type === 'SecureString') version.keyId = put.keyId ?? before?.keyId ?? 'alias/aws/ssm';
    if (!existing) {
      this.#byName.set(put.name, { name: put.name, versions: [version], tags });
    } else {
      this.#trim(existing);
      existing.versions.push(version);
    }
    this.#tell({ name: put.name, type, operation: existing ? 'Update' : 'Create' });
    return version;
  }

  delete(name: string): boolean {
    const parameter = this.find(name);
    if (!parameter) return false;
    this.#byName.delete(parameter.name);
    this.#tell({ name: parameter.name, type: latest(parameter).type, operation: 'Delete' });
    return true;
  }

  /** @returns the labels that were malformed */
  label(parameter: Parameter, version: Version, labels: readonly string[]): string[] {
    const invalid = attach(parameter, version, labels);
    this.#tell({ name: parameter.name, type: version.type, operation: 'LabelParameterVersion' });
    return invalid;
  }

  snapshot(): State {
    return { key: this.#cipher.key, parameters: [...this.#byName.values()] };
  }

  restore(state: unknown): void {
    if (!isObject(state) || typeof state.key !== 'string' || !Array.isArray(state.parameters))
      throw new Error('it holds no list of parameters');
    this.#cipher = new Cipher(state.key);
    for (const parameter of state.parameters as Parameter[]) this.#byName.set(parameter.name, parameter);
  }

  #type(put: Put, before: ParameterType | undefined): ParameterType {
    if (before === undefined) {
      if (put.type !== undefined) return put.type;
      throw validation(
        'A parameter type is required when you create a parameter. Valid: String, StringList, SecureString.',
      );
    }
    const type = put.type ?? before;
    if ((type === 'SecureString') !== (before === 'SecureString'))
      throw simple(
        'HierarchyTypeMismatchException',
        `The type of parameter ${put.name} can't be changed from ${before} to ${type}. Create a new, unique parameter.`,
      );
    return type;
  }

  /** Makes room for one more version. A version with a label is never dropped. */
  #trim(parameter: Parameter): void {
    const oldest = parameter.versions[0];
    if (parameter.versions.length < MAX_VERSIONS || !oldest) return;
    if (oldest.labels.length > 0)
      throw simple('ParameterMaxVersionLimitExceeded', MAX_VERSIONS_MESSAGE(parameter.name, oldest.version));
    parameter.versions.shift();
  }

  #tell(change: ParameterChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
