/** Creates, changes and deletes services, i.e. their desired state. The scheduler does the rest. */
import { flag, integer, object, text, texts } from '../input.ts';
import type { Input } from '../service.ts';
import { checkName, type Home, serviceArn, shortName } from './arn.ts';
import { deploy, newDeployment } from './deployments.ts';
import { type Failure, invalidParameter, serviceNotActive, serviceNotFound } from './errors.ts';
import type { Cluster, Deployment, DeploymentConfiguration, EcsService } from './model.ts';
import { page } from './paging.ts';
import { readTags } from './tags.ts';
import type { TaskDefinitions } from './task-definitions.ts';

const MAX_DESIRED = 5_000;
const MAX_DESCRIBED = 10;
/** Bounds of the deleted services that can still be described: milliseconds since the end, and their number. */
const INACTIVE_KEPT_MS = 3_600_000;
const INACTIVE_KEPT = 100;

/** Members without an effect on local processes. They are only shown. */
const SHOWN = [
  'availabilityZoneRebalancing',
  'loadBalancers',
  'serviceRegistries',
  'platformVersion',
  'placementConstraints',
  'placementStrategy',
  'networkConfiguration',
  'healthCheckGracePeriodSeconds',
  'capacityProviderStrategy',
  'deploymentController',
  'enableECSManagedTags',
  'enableExecuteCommand',
];

function readShown(input: Input, before: Input): Input {
  const shown = { ...before };
  for (const name of SHOWN) if (input[name] !== undefined && input[name] !== null) shown[name] = input[name];
  return shown;
}

function readDesired(input: Input): number | undefined {
  const count = integer(input, 'desiredCount');
  if (count === undefined) return undefined;
  if (count < 0) throw invalidParameter('desiredCount cannot be negative.');
  if (count > MAX_DESIRED) throw invalidParameter(`desiredCount cannot be larger than ${MAX_DESIRED}.`);
  return count;
}

function readConfiguration(input: Input, before: DeploymentConfiguration): DeploymentConfiguration {
  const given = object(input, 'deploymentConfiguration');
  if (!given) return before;
  const maximumPercent = integer(given, 'maximumPercent') ?? before.maximumPercent;
  const minimumHealthyPercent = integer(given, 'minimumHealthyPercent') ?? before.minimumHealthyPercent;
  if (maximumPercent < 100) throw invalidParameter('maximumPercent must be at least 100.');
  if (minimumHealthyPercent < 0 || minimumHealthyPercent > 100)
    throw invalidParameter('minimumHealthyPercent must be between 0 and 100.');
  if (maximumPercent === 100 && minimumHealthyPercent === 100)
    throw invalidParameter(
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    );
  const breaker = object(given, 'deploymentCircuitBreaker');
  const circuitBreaker = breaker
    ? { enable: flag(breaker, 'enable') ?? false, rollback: flag(breaker, 'rollback') ?? false }
    : before.circuitBreaker;
  return { maximumPercent, minimumHealthyPercent, circuitBreaker };
}

const DEFAULT_CONFIGURATION: DeploymentConfiguration = {
  maximumPercent: 200,
  minimumHealthyPercent: 100,
  circuitBreaker: { enable: false, rollback: false },
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

export class Services {
  readonly #home: Home;
  readonly #definitions: TaskDefinitions;
  readonly #services = new Map<string, EcsService>();

  readonly #forgotten: (service: EcsService) => void;

  /** @param forgotten called for each service that is no longer kept */
  constructor(home: Home, definitions: TaskDefinitions, forgotten: (service: EcsService) => void) {
    this.#home = home;
    this.#definitions = definitions;
    this.#forgotten = forgotten;
  }

  all(): EcsService[] {
    return [...this.#services.values()];
  }

  ofCluster(cluster: Cluster): EcsService[] {
    return this.all().filter((service) => service.clusterArn === cluster.arn);
  }

  byArn(arn: string): EcsService | undefined {
    return this.#services.get(arn);
  }

  find(cluster: Cluster, nameOrArn: string): EcsService | undefined {
    const service = this.#services.get(serviceArn(this.#home, cluster.name, shortName(nameOrArn)));
    return nameOrArn.startsWith('arn:') && service?.arn !== nameOrArn ? undefined : service;
  }

  /** Returns the service that a request names. @throws ServiceNotFoundException, InvalidParameterException */
  get(cluster: Cluster, input: Input, member = 'service'): EcsService {
    const name = text(input, member);
    if (!name) throw invalidParameter('Service name cannot be empty.');
    const service = this.find(cluster, name);
    if (!service) throw serviceNotFound();
    return service;
  }

  /** No task outlives a restart, so each service begins again with its PRIMARY deployment alone. */
  restore(services: readonly EcsService[]): void {
    for (const service of services) {
      const deployments = service.deployments.slice(0, 1).map((each) => ({ ...each, heldUntil: 0, failedTasks: 0 }));
      this.#services.set(service.arn, { ...service, deployments, steady: false, trouble: undefined });
    }
  }

  create(cluster: Cluster, input: Input, now: number, by: string): EcsService {
    const name = text(input, 'serviceName');
    if (!name) throw invalidParameter('Service name cannot be empty.');
    checkName(name, 'Service name');
    const desiredCount = readDesired(input) ?? 0;
    const definition = this.#definitions.usable(text(input, 'taskDefinition'));
    if ((text(input, 'schedulingStrategy') ?? 'REPLICA') !== 'REPLICA')
      throw invalidParameter('The embedded ECS supports the scheduling strategy REPLICA only.');
    const arn = serviceArn(this.#home, cluster.name, name);
    const existing = this.#services.get(arn);
    if (existing?.status === 'ACTIVE') throw invalidParameter('Creation of service was not idempotent.');
    if (existing?.status === 'DRAINING') throw invalidParameter('Unable to Start a service that is still Draining.');
    const service: EcsService = {
      name,
      arn,
      clusterArn: cluster.arn,
      status: 'ACTIVE',
      desiredCount,
      launchType: text(input, 'launchType') ?? 'FARGATE',
      configuration: readConfiguration(input, DEFAULT_CONFIGURATION),
      deployments: [newDeployment(definition.arn, object(input, 'networkConfiguration'), now)],
      lastCompleted: undefined,
      events: [],
      createdAt: now,
      createdBy: by,
      shown: readShown(input, {}),
      tags: readTags(input),
      propagateTags: text(input, 'propagateTags') ?? 'NONE',
      steady: false,
      trouble: undefined,
    };
    this.#services.delete(arn);
    this.#services.set(arn, service);
    this.#prune(now);
    return service;
  }

  /**
   * Changes a service. A new task definition, network or `forceNewDeployment` begins a deployment; a count does not.
   */
  update(service: EcsService, input: Input, now: number): void {
    if (service.status !== 'ACTIVE') throw serviceNotActive();
    // All is read before anything is changed, so that a refused call leaves the service as it was.
    const desired = readDesired(input);
    const configuration = readConfiguration(input, service.configuration);
    const primary = service.deployments[0] as Deployment;
    const asked = text(input, 'taskDefinition');
    const definition = asked ? this.#definitions.usable(asked).arn : primary.taskDefinition;
    const network = object(input, 'networkConfiguration') ?? primary.networkConfiguration;
    const forced = flag(input, 'forceNewDeployment') ?? false;
    const platform = text(input, 'platformVersion') ?? service.shown.platformVersion;
    const shown = readShown(input, service.shown);
    const propagateTags = text(input, 'propagateTags') ?? service.propagateTags;
    const anew =
      forced ||
      definition !== primary.taskDefinition ||
      !same(network, primary.networkConfiguration) ||
      !same(platform, service.shown.platformVersion);
    if (desired !== undefined && desired !== service.desiredCount) {
      service.desiredCount = desired;
      service.steady = false;
      primary.updatedAt = now;
    }
    Object.assign(service, { configuration, shown, propagateTags });
    if (anew) deploy(service, newDeployment(definition, network, now));
  }

  delete(service: EcsService, input: Input, now: number): void {
    if (service.status === 'INACTIVE') throw serviceNotFound();
    if (service.status === 'ACTIVE' && service.desiredCount > 0 && !flag(input, 'force'))
      throw invalidParameter('The service cannot be stopped while it is scaled above 0.');
    service.status = 'DRAINING';
    service.desiredCount = 0;
    this.#prune(now);
  }

  describe(cluster: Cluster, input: Input): { found: EcsService[]; failures: Failure[] } {
    const wanted = texts(input, 'services') ?? [];
    if (wanted.length === 0) throw invalidParameter('Services cannot be empty.');
    if (wanted.length > MAX_DESCRIBED) throw invalidParameter(`At most ${MAX_DESCRIBED} services can be described.`);
    const found: EcsService[] = [];
    const failures: Failure[] = [];
    for (const name of new Set(wanted)) {
      const service = this.find(cluster, name);
      const arn = name.startsWith('arn:') ? name : serviceArn(this.#home, cluster.name, name);
      if (service) found.push(service);
      else failures.push({ arn, reason: 'MISSING' });
    }
    return { found, failures };
  }

  list(cluster: Cluster, input: Input): object {
    const launchType = text(input, 'launchType');
    const strategy = text(input, 'schedulingStrategy') ?? 'REPLICA';
    const shown = this.ofCluster(cluster).filter(
      (each) =>
        each.status !== 'INACTIVE' &&
        strategy === 'REPLICA' &&
        (launchType === undefined || each.launchType === launchType),
    );
    const { items, nextToken } = page(shown.map((each) => each.arn).sort(), input, 10);
    return { serviceArns: items, nextToken };
  }

  #prune(now: number): void {
    const ended = this.all().filter((each) => each.status === 'INACTIVE');
    ended.sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0));
    for (const [i, each] of ended.entries()) {
      if (i < INACTIVE_KEPT && (each.endedAt ?? 0) >= now - INACTIVE_KEPT_MS) continue;
      this.#services.delete(each.arn);
      this.#forgotten(each);
    }
  }
}
