/** Keeps clusters, task definitions and services in the state folder. Tasks do not outlive a run, so they are not kept. */
import { isObject } from '../input.ts';
import { type Keeper, NO_KEEPER, type Persistent } from '../service.ts';
import type { Clusters } from './clusters.ts';
import type { Cluster, EcsService, TaskDefinition } from './model.ts';
import type { Services } from './services.ts';
import type { TaskDefinitions } from './task-definitions.ts';

/** Events that are kept of a service. A busy service has an event each second, and its entity is written each time. */
const KEPT_EVENTS = 10;

interface Stores {
  clusters: Clusters;
  definitions: TaskDefinitions;
  services: Services;
}

const shortened = (service: EcsService): EcsService => ({ ...service, events: service.events.slice(0, KEPT_EVENTS) });

const isCluster = (value: unknown): value is Cluster =>
  isObject(value) && typeof value.arn === 'string' && typeof value.name === 'string';

const isDefinition = (value: unknown): value is TaskDefinition =>
  isObject(value) && typeof value.family === 'string' && Array.isArray(value.containers);

const isService = (value: unknown): value is EcsService =>
  isObject(value) && typeof value.arn === 'string' && Array.isArray(value.deployments) && Array.isArray(value.events);

/** Returns the entities of one kind. @throws Error that names an entity of another form */
function all<T>(entities: ReadonlyMap<string, unknown>, kind: string, is: (value: unknown) => value is T): T[] {
  const found: T[] = [];
  for (const [key, value] of entities) {
    if (!key.startsWith(kind)) continue;
    if (!is(value)) throw new Error(`"${key}" does not have the form of its kind`);
    found.push(value);
  }
  return found;
}

export class EcsKeeper implements Persistent {
  readonly stateName = 'ecs';
  readonly #stores: Stores;
  #keeper: Keeper = NO_KEEPER;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  cluster(cluster: Cluster): void {
    this.#keeper.put(`cluster/${cluster.name}`, cluster);
  }

  definition(definition: TaskDefinition): void {
    this.#keeper.put(`definition/${definition.arn}`, definition);
  }

  service(service: EcsService): void {
    this.#keeper.put(`service/${service.arn}`, shortened(service));
  }

  forgotten(service: EcsService): void {
    this.#keeper.remove(`service/${service.arn}`);
  }

  restore(entities: ReadonlyMap<string, unknown>, keeper: Keeper): void {
    this.#keeper = keeper;
    this.#stores.clusters.restore(all(entities, 'cluster/', isCluster));
    this.#stores.definitions.restore(all(entities, 'definition/', isDefinition));
    this.#stores.services.restore(all(entities, 'service/', isService));
  }

  *entities(): Generator<readonly [string, unknown]> {
    for (const cluster of this.#stores.clusters.all()) yield [`cluster/${cluster.name}`, cluster];
    for (const definition of this.#stores.definitions.all()) yield [`definition/${definition.arn}`, definition];
    for (const service of this.#stores.services.all()) yield [`service/${service.arn}`, shortened(service)];
  }
}
