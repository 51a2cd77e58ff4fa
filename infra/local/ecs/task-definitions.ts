/**
 * Keeps task definitions: families of numbered revisions. It shows the members for a container runtime without an
 * effect.
 */
import { flag, integer, isObject, object, objects, text, texts } from '../input.ts';
import type { Input } from '../service.ts';
import { checkName, definitionArn, type Home, shortName } from './arn.ts';
import { clientError, invalidParameter } from './errors.ts';
import type { Container, TaskDefinition } from './model.ts';
import { page } from './paging.ts';
import { readTags } from './tags.ts';

/** AWS's default, in seconds. */
const DEFAULT_STOP_TIMEOUT = 30;
/** Fargate's largest, in seconds. */
const MAX_STOP_TIMEOUT = 120;
const DEFAULT_CPU_UNITS = 256;
const DEFAULT_MEMORY_MIB = 512;
const MAX_CONTAINERS = 10;

/** Reads the list `[{name, value}]` of a container definition or an override. */
export function readEnvironment(input: Input): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const entry of objects(input, 'environment') ?? []) {
    const name = text(entry, 'name');
    if (name === undefined || name === '' || /[=\0]/.test(name))
      throw clientError('An environment variable must have a name without "=".');
    environment[name] = (text(entry, 'value') ?? '').replaceAll('\0', '');
  }
  return environment;
}

function readContainer(input: Input): Container {
  const name = text(input, 'name');
  if (name === undefined || name === '') throw clientError('Container.name should not be null or empty.');
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) throw clientError(`Container.name contains invalid characters: ${name}.`);
  if (!text(input, 'image')) throw clientError('Container.image should not be null or empty.');
  const stopTimeout = integer(input, 'stopTimeout') ?? DEFAULT_STOP_TIMEOUT;
  if (stopTimeout < 0 || stopTimeout > MAX_STOP_TIMEOUT)
    throw clientError(`stopTimeout must be between 0 and ${MAX_STOP_TIMEOUT} seconds.`);
  return {
    name,
    essential: flag(input, 'essential') ?? true,
    command: [...(texts(input, 'entryPoint') ?? []), ...(texts(input, 'command') ?? [])],
    environment: readEnvironment(input),
    workingDirectory: text(input, 'workingDirectory'),
    stopTimeout,
  };
}

/** Reads a size from text: a plain number, `1 vCPU` or `2 GB`. Returns CPU units or MiB. */
function size(value: string | undefined, unit: RegExp, what: string): number | undefined {
  if (value === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(value.trim());
  const number = Number(match?.[1]);
  if (!match || !(number > 0)) throw clientError(`Invalid '${what}' setting for task.`);
  return unit.test(match[2] ?? '') ? number * 1024 : number;
}

const sum = (inputs: readonly Input[], name: string): number =>
  inputs.reduce((total, each) => total + (typeof each[name] === 'number' ? (each[name] as number) : 0), 0);

export class TaskDefinitions {
  readonly #home: Home;
  readonly #families = new Map<string, TaskDefinition[]>();

  constructor(home: Home) {
    this.#home = home;
  }

  all(): TaskDefinition[] {
    return [...this.#families.values()].flat();
  }

  restore(definitions: readonly TaskDefinition[]): void {
    for (const definition of definitions) {
      const family = this.#families.get(definition.family) ?? [];
      family.push(definition);
      this.#families.set(definition.family, family);
    }
  }

  register(input: Input, now: number, by: string): TaskDefinition {
    const family = text(input, 'family');
    if (!family) throw clientError('Family should not be null or empty.');
    checkName(family, 'Family');
    const given = objects(input, 'containerDefinitions') ?? [];
    if (given.length === 0) throw clientError('Container list cannot be empty.');
    if (given.length > MAX_CONTAINERS) throw clientError(`A task can have at most ${MAX_CONTAINERS} containers.`);
    const containers = given.map(readContainer);
    if (new Set(containers.map((each) => each.name)).size < containers.length)
      throw clientError('Container names must be unique.');
    if (!containers.some((each) => each.essential))
      throw clientError('Invalid number of essential containers: at least one must be essential.');
    const earlier = this.#families.get(family) ?? [];
    const revision = (earlier.at(-1)?.revision ?? 0) + 1;
    const { tags: _tags, ...registered } = input;
    const definition: TaskDefinition = {
      arn: definitionArn(this.#home, family, revision),
      family,
      revision,
      status: 'ACTIVE',
      containers,
      taskRoleArn: text(input, 'taskRoleArn'),
      cpuUnits: size(text(input, 'cpu'), /^vcpu$/i, 'cpu') ?? (sum(given, 'cpu') || DEFAULT_CPU_UNITS),
      memoryMiB: size(text(input, 'memory'), /^gb$/i, 'memory') ?? (sum(given, 'memory') || DEFAULT_MEMORY_MIB),
      registered: { ...registered, containerDefinitions: given.map(shownContainer), registeredBy: by },
      registeredAt: now,
      tags: readTags(input),
    };
    this.#families.set(family, [...earlier, definition]);
    return definition;
  }

  /** Finds a definition by ARN, by `family:revision`, or by `family` for its newest active revision. */
  find(name: string): TaskDefinition | undefined {
    const [family = '', revision] = shortName(name).split(':');
    const revisions = this.#families.get(family) ?? [];
    if (revision === undefined) return revisions.findLast((each) => each.status === 'ACTIVE');
    const found = revisions.find((each) => String(each.revision) === revision);
    return name.startsWith('arn:') && found?.arn !== name ? undefined : found;
  }

  describe(input: Input): TaskDefinition {
    const name = text(input, 'taskDefinition');
    const found = name ? this.find(name) : undefined;
    if (!found) throw clientError('Unable to describe task definition.');
    return found;
  }

  /** Returns the definition for a new task. @throws AwsError if it does not exist or is no longer active */
  usable(name: string | undefined): TaskDefinition {
    if (!name) throw invalidParameter('TaskDefinition cannot be null or empty.');
    const found = this.find(name);
    if (!found) throw clientError('TaskDefinition not found.');
    if (found.status !== 'ACTIVE') throw clientError('TaskDefinition is inactive');
    return found;
  }

  deregister(input: Input, now: number): TaskDefinition {
    const name = text(input, 'taskDefinition') ?? '';
    if (!/:\d+$/.test(name))
      throw invalidParameter('Task definition must be named with its revision: family:revision.');
    const found = this.find(name);
    if (!found) throw clientError('Unable to describe task definition.');
    if (found.status === 'ACTIVE') {
      found.status = 'INACTIVE';
      found.deregisteredAt = now;
    }
    return found;
  }

  list(input: Input): object {
    const status = text(input, 'status') ?? 'ACTIVE';
    const family = text(input, 'familyPrefix');
    const descending = text(input, 'sort') === 'DESC';
    const found = this.all()
      .filter((each) => each.status === status && (family === undefined || each.family === family))
      .sort((a, b) => (a.family < b.family ? -1 : a.family > b.family ? 1 : a.revision - b.revision));
    if (descending) found.reverse();
    const { items, nextToken } = page(
      found.map((each) => each.arn),
      input,
      100,
      descending,
    );
    return { taskDefinitionArns: items, nextToken };
  }

  families(input: Input): object {
    const status = text(input, 'status') ?? 'ACTIVE';
    const prefix = text(input, 'familyPrefix') ?? '';
    const names = [...this.#families.entries()]
      .filter(([name, all]) => {
        const active = all.some((each) => each.status === 'ACTIVE');
        return name.startsWith(prefix) && (status === 'ALL' || (status === 'ACTIVE') === active);
      })
      .map(([name]) => name)
      .sort();
    const { items, nextToken } = page(names, input);
    return { families: items, nextToken };
  }
}

/** Returns a container definition with the defaults that AWS fills in. */
function shownContainer(input: Input): Input {
  return {
    cpu: 0,
    portMappings: [],
    essential: true,
    environment: [],
    mountPoints: [],
    volumesFrom: [],
    ...Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)),
  };
}

/** Reads `overrides` of RunTask. */
export function readOverrides(input: Input, definition: TaskDefinition) {
  const given = object(input, 'overrides') ?? {};
  const overrides = (objects(given, 'containerOverrides') ?? []).map((each) => {
    const name = text(each, 'name') ?? '';
    if (!definition.containers.some((container) => container.name === name))
      throw invalidParameter(`Override for container named ${name} is not a container in the TaskDefinition.`);
    return { name, command: texts(each, 'command'), environment: readEnvironment(each) };
  });
  return { overrides, shown: isObject(given) ? given : {}, taskRoleArn: text(given, 'taskRoleArn') };
}
