/** Answers the actions of SSM Parameter Store. Other parts of Systems Manager do not exist here. */
import type { Clock } from '../clock.ts';
import type { LocalService, ParameterChange, ParameterChangeSource } from '../context.ts';
import { flag, integer, text, texts } from '../input.ts';
import { AwsError, type CallContext, type Input, type Persistent } from '../service.ts';
import { constraint, missing, parameterNotFound, validation, versionNotFound } from './errors.ts';
import { isUnder, readFilters } from './filters.ts';
import { page } from './paging.ts';
import { arnOf, latest, type Parameter, type Version } from './parameter.ts';
import { readPut, settleTier } from './put.ts';
import { ParameterStore, type Selected } from './store.ts';
import { addTags, listTags, readTags, removeTags } from './tags.ts';

export interface SsmOptions {
  clock: Clock;
  region: string;
  accountId: string;
}

const MAX_NAMES = 10;
/** The largest pages. Source: the service model. */
const BY_PATH_PAGE = 10;
const LONG_PAGE = 50;

const seconds = (ms: number): number => ms / 1000;

function names(input: Input): string[] {
  const given = texts(input, 'Names');
  if (!given) throw missing('names');
  if (given.length === 0) throw constraint('[]', 'names', 'Member must have length greater than or equal to 1');
  if (given.length > MAX_NAMES)
    throw constraint(`[${given.join(', ')}]`, 'names', `Member must have length less than or equal to ${MAX_NAMES}`);
  return given;
}

function required(input: Input, name: string, member: string): string {
  const value = text(input, name);
  if (value === undefined) throw missing(member);
  if (value === '') throw constraint('', member, 'Member must have length greater than or equal to 1');
  return value;
}

export class Ssm implements LocalService, ParameterChangeSource {
  readonly name = 'ssm';
  readonly targetPrefix = 'AmazonSSM.';
  readonly jsonVersion = '1.1';
  readonly queryCompatible = false;
  readonly actions: readonly string[];
  readonly persistent: Persistent;
  readonly #store: ParameterStore;
  readonly #arnPrefix: string;

  constructor(options: SsmOptions) {
    this.#arnPrefix = `arn:aws:ssm:${options.region}:${options.accountId}:parameter`;
    this.#store = new ParameterStore(options.clock, this.#arnPrefix);
    this.persistent = this.#store;
    this.actions = Object.keys(this.#handlers).sort();
  }

  handle(action: string, input: Input, context: CallContext): object {
    const handler = this.#handlers[action];
    if (!handler) throw new Error(`no handler for ${action}`);
    return handler(input, context);
  }

  onParameterChange(listener: (change: ParameterChange) => void): () => void {
    return this.#store.onParameterChange(listener);
  }

  #show({ parameter, version, selector }: Selected, decrypt: boolean): object {
    return {
      Name: parameter.name,
      Type: version.type,
      Value: this.#store.value(parameter.name, version, decrypt),
      Version: version.version,
      Selector: selector,
      LastModifiedDate: seconds(version.modifiedAt),
      ARN: arnOf(this.#arnPrefix, parameter.name),
      DataType: version.dataType,
    };
  }

  /** Returns the members that DescribeParameters and GetParameterHistory both show of a version. */
  #metadata(parameter: Parameter, version: Version): object {
    return {
      Name: parameter.name,
      Type: version.type,
      KeyId: version.keyId,
      LastModifiedDate: seconds(version.modifiedAt),
      LastModifiedUser: version.modifiedBy,
      Description: version.description,
      AllowedPattern: version.allowedPattern,
      Version: version.version,
      Tier: version.tier,
      Policies: [],
      DataType: version.dataType,
    };
  }

  #getByName(wanted: string[], decrypt: boolean): object {
    const parameters: object[] = [];
    const invalid: string[] = [];
    for (const name of new Set(wanted)) {
      try {
        parameters.push(this.#show(this.#store.select(name), decrypt));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        invalid.push(name);
      }
    }
    return { Parameters: parameters, InvalidParameters: invalid };
  }

  #versioned(input: Input): { parameter: Parameter; version: Version } {
    const parameter = this.#store.find(required(input, 'Name', 'name'));
    if (!parameter) throw parameterNotFound();
    const number = integer(input, 'ParameterVersion');
    if (number === undefined) return { parameter, version: latest(parameter) };
    const version = parameter.versions.find((each) => each.version === number);
    if (!version) throw versionNotFound(parameter.name, number);
    return { parameter, version };
  }

  #labels(input: Input): string[] {
    const labels = texts(input, 'Labels');
    if (!labels) throw missing('labels');
    if (labels.length < 1 || labels.length > 10)
      throw constraint(`[${labels.join(', ')}]`, 'labels', 'Member must have length between 1 and 10');
    return labels;
  }

  #byPath(input: Input): object {
    const path = required(input, 'Path', 'path');
    if (!path.startsWith('/') || path.includes('//'))
      throw validation(
        'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.',
      );
    const accept = readFilters(input, ['Type', 'KeyId', 'Label']);
    const recursive = flag(input, 'Recursive') ?? false;
    const found = this.#store.all().filter((each) => isUnder(each.name, path, recursive) && accept(each));
    const { items, NextToken } = page(found, (each) => each.name, input, BY_PATH_PAGE);
    const decrypt = flag(input, 'WithDecryption') ?? false;
    const label = this.#filteredLabel(input);
    const shown = items.map((parameter) => this.#show(selectByLabel(parameter, label), decrypt));
    return { Parameters: shown, NextToken };
  }

  /** Returns the labels of a Label filter. With one, GetParametersByPath returns the version that has the label. */
  #filteredLabel(input: Input): string[] {
    const filters = (input.ParameterFilters ?? []) as Input[];
    return filters.flatMap((each) => (each.Key === 'Label' ? (texts(each, 'Values') ?? []) : []));
  }

  readonly #handlers: Record<string, (input: Input, context: CallContext) => object> = {
    PutParameter: (input, { principal }) => {
      const put = readPut(input);
      const tags = readTags(input);
      if (put.overwrite && Object.keys(tags).length > 0)
        throw validation(
          "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
        );
      const existing = this.#store.find(put.name);
      const tier = settleTier(input, put.value, existing && latest(existing).tier);
      const version = this.#store.put(put, tier, tags, principal.arn);
      return { Version: version.version, Tier: version.tier };
    },
    GetParameter: (input) => {
      const selected = this.#store.select(required(input, 'Name', 'name'));
      return { Parameter: this.#show(selected, flag(input, 'WithDecryption') ?? false) };
    },
    GetParameters: (input) => this.#getByName(names(input), flag(input, 'WithDecryption') ?? false),
    GetParametersByPath: (input) => this.#byPath(input),
    DeleteParameter: (input) => {
      if (!this.#store.delete(required(input, 'Name', 'name'))) throw parameterNotFound();
      return {};
    },
    DeleteParameters: (input) => {
      const wanted = names(input);
      const deleted = wanted.filter((name) => this.#store.delete(name));
      return { DeletedParameters: deleted, InvalidParameters: wanted.filter((name) => !deleted.includes(name)) };
    },
    GetParameterHistory: (input) => {
      const parameter = this.#store.find(required(input, 'Name', 'name'));
      if (!parameter) throw parameterNotFound();
      const key = (version: Version): string => String(version.version).padStart(12, '0');
      const { items, NextToken } = page(parameter.versions, key, input, LONG_PAGE);
      const decrypt = flag(input, 'WithDecryption') ?? false;
      const shown = items.map((version) => {
        const Value = this.#store.value(parameter.name, version, decrypt);
        return { ...this.#metadata(parameter, version), Value, Labels: version.labels };
      });
      return { Parameters: shown, NextToken };
    },
    LabelParameterVersion: (input) => {
      const labels = this.#labels(input);
      const { parameter, version } = this.#versioned(input);
      const invalid = this.#store.label(parameter, version, labels);
      return { InvalidLabels: invalid, ParameterVersion: version.version };
    },
    UnlabelParameterVersion: (input) => {
      if (integer(input, 'ParameterVersion') === undefined) throw missing('parameterVersion');
      const labels = this.#labels(input);
      const { parameter, version } = this.#versioned(input);
      const { removed, invalid } = this.#store.unlabel(parameter, version, labels);
      return { RemovedLabels: removed, InvalidLabels: invalid };
    },
    DescribeParameters: (input) => {
      const accept = readFilters(input, ['Name', 'Type', 'KeyId', 'Path', 'Tier', 'DataType', 'tag']);
      const found = this.#store.all().filter(accept);
      const { items, NextToken } = page(found, (each) => each.name, input, LONG_PAGE);
      const shown = items.map((each) => ({
        ...this.#metadata(each, latest(each)),
        ARN: arnOf(this.#arnPrefix, each.name),
      }));
      return { Parameters: shown, NextToken };
    },
    AddTagsToResource: (input) => addTags(this.#store, input),
    RemoveTagsFromResource: (input) => removeTags(this.#store, input),
    ListTagsForResource: (input) => listTags(this.#store, input),
  };
}

function selectByLabel(parameter: Parameter, labels: readonly string[]): Selected {
  const labeled = parameter.versions.find((version) => version.labels.some((label) => labels.includes(label)));
  return { parameter, version: labeled ?? latest(parameter), selector: undefined };
}
