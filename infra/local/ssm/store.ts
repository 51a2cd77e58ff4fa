/** Keeps the parameters of the account, with their versions, labels and tags. It knows nothing of requests. */
import type { Clock } from '../clock.ts';
import type { ParameterChange, ParameterChangeSource } from '../context.ts';
import { isObject } from '../input.ts';
import { type Keeper, NO_KEEPER, type Persistent } from '../service.ts';
import { Cipher } from './cipher.ts';
import { alreadyExists, parameterNotFound, simple, validation, versionNotFound } from './errors.ts';
import { CIPHER, entitiesOf, headOf, parameterKey, parametersOf, versionKey, versionsOf } from './kept.ts';
import { attach, detach } from './labels.ts';
import { latest, MAX_VERSIONS, type Parameter, type ParameterType, type Tier, type Version } from './parameter.ts';
import type { Put } from './put.ts';

/** A parameter with the version that a name such as `/a:3` or `/a:live` selects. */
export interface Selected {
  parameter: Parameter;
  version: Version;
  /** With its colon, as replies repeat it. */
  selector: string | undefined;
}

const MAX_VERSIONS_MESSAGE = (name: string, version: number): string =>
  `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. ` +
  `Version ${version}, the oldest version, can't be deleted because it has a label associated with it. ` +
  'Move the label to another version of the parameter, and try again.';

export class ParameterStore implements ParameterChangeSource, Persistent {
  readonly stateName = 'ssm';
  readonly #clock: Clock;
  /** The beginning of each parameter's ARN, up to `parameter`. */
  readonly #arnPrefix: string;
  readonly #byName = new Map<string, Parameter>();
  readonly #listeners = new Set<(change: ParameterChange) => void>();
  #cipher = new Cipher();
  #keeper: Keeper = NO_KEEPER;

  constructor(clock: Clock, arnPrefix: string) {
    this.#clock = clock;
    this.#arnPrefix = arnPrefix;
  }

  onParameterChange(listener: (change: ParameterChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Returns all parameters, sorted by name. */
  all(): Parameter[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Finds a parameter by a name or an ARN without a selector. */
  find(name: string): Parameter | undefined {
    return this.#byName.get(this.plainName(name));
  }

  /** Returns the name that an ARN stands for. The ARN of a flat name has a slash too. */
  plainName(name: string): string {
    if (!name.startsWith('arn:')) return name;
    const rest = name.startsWith(this.#arnPrefix) ? name.slice(this.#arnPrefix.length) : name;
    return this.#byName.has(rest) ? rest : this.#byName.has(rest.slice(1)) ? rest.slice(1) : rest;
  }

  /** Finds the version that a name with a selector stands for. @throws AwsError ParameterNotFound, ParameterVersionNotFound */
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

  /** Returns the value of a version; the ciphertext for a SecureString without `decrypt`. */
  value(name: string, version: Version, decrypt: boolean): string {
    return version.type === 'SecureString' && decrypt ? this.#cipher.decrypt(version.value, name) : version.value;
  }

  /** Adds a version. @throws AwsError ParameterAlreadyExists, ParameterMaxVersionLimitExceeded, ValidationException */
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
      const parameter = { name: put.name, versions: [version], tags };
      this.#byName.set(put.name, parameter);
      this.#keeper.put(parameterKey(put.name), headOf(parameter));
    } else {
      this.#trim(existing);
      existing.versions.push(version);
    }
    this.#keeper.put(versionKey(put.name, version.version), version);
    this.#tell({ name: put.name, type, operation: existing ? 'Update' : 'Create' });
    return version;
  }

  /** Deletes a parameter. Returns false if it does not exist. */
  delete(name: string): boolean {
    const parameter = this.find(name);
    if (!parameter) return false;
    this.#byName.delete(parameter.name);
    this.#keeper.remove(parameterKey(parameter.name));
    this.#keeper.clear(versionsOf(parameter.name));
    this.#tell({ name: parameter.name, type: latest(parameter).type, operation: 'Delete' });
    return true;
  }

  /** Attaches labels to a version. @returns the malformed labels, which it leaves out */
  label(parameter: Parameter, version: Version, labels: readonly string[]): string[] {
    const invalid = attach(parameter, version, labels);
    this.#keepLabels(parameter);
    this.#tell({ name: parameter.name, type: version.type, operation: 'LabelParameterVersion' });
    return invalid;
  }

  /** Removes labels from a version. */
  unlabel(parameter: Parameter, version: Version, labels: readonly string[]): { removed: string[]; invalid: string[] } {
    const outcome = detach(version, labels);
    this.#keepLabels(parameter);
    return outcome;
  }

  setTags(parameter: Parameter, tags: Record<string, string>): void {
    parameter.tags = tags;
    this.#keeper.put(parameterKey(parameter.name), headOf(parameter));
  }

  restore(entities: ReadonlyMap<string, unknown>, keeper: Keeper): void {
    this.#keeper = keeper;
    const cipher = entities.get(CIPHER);
    if (isObject(cipher) && typeof cipher.key === 'string') this.#cipher = new Cipher(cipher.key);
    else keeper.put(CIPHER, { key: this.#cipher.key });
    for (const parameter of parametersOf(entities)) this.#byName.set(parameter.name, parameter);
  }

  *entities(): Generator<readonly [string, unknown]> {
    yield [CIPHER, { key: this.#cipher.key }];
    for (const parameter of this.#byName.values()) yield* entitiesOf(parameter);
  }

  /** An attached label leaves another version, so the labels of all versions are kept. */
  #keepLabels({ name, versions }: Parameter): void {
    for (const { version, labels } of versions) this.#keeper.patch(versionKey(name, version), { labels });
  }

  /** Returns the type of a new version: the one before unless another is asked for. SSM encrypts a String, and changes no other. */
  #type(put: Put, before: ParameterType | undefined): ParameterType {
    if (before === undefined) {
      if (put.type !== undefined) return put.type;
      throw validation(
        'A parameter type is required when you create a parameter. Valid: String, StringList, SecureString.',
      );
    }
    const type = put.type ?? before;
    if (type !== before && !(before === 'String' && type === 'SecureString'))
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
    this.#keeper.remove(versionKey(parameter.name, oldest.version));
  }

  #tell(change: ParameterChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
