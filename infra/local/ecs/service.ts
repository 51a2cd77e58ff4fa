/** Answers the actions of ECS, each with a short function from a request to the stores and back. */
import type { LocalContext, LocalService, RouteHandler } from '../context.ts';
import { text, texts } from '../input.ts';
import { spawnGuarded } from '../process.ts';
import { AwsError, type CallContext, type Input, type Persistent } from '../service.ts';
import { agentRoutes } from './agent.ts';
import { Agent } from './agent-tokens.ts';
import { Clusters } from './clusters.ts';
import { invalidParameter } from './errors.ts';
import { EcsKeeper } from './kept.ts';
import type { Cluster, EcsService, Task } from './model.ts';
import { type EcsOptions, type TaskOutput, withDefaults } from './options.ts';
import { TaskProtection } from './protection.ts';
import { describeTasks, listTasks, runTask, stopTask, type TaskCalls } from './run-task.ts';
import { Scheduler } from './scheduler.ts';
import { Services } from './services.ts';
import { listTags, type Tagged, tagResource, untagResource } from './tagging.ts';
import { showTags } from './tags.ts';
import { TaskDefinitions } from './task-definitions.ts';
import { Tasks } from './tasks.ts';
import { clusterName, counts, showCluster, showDefinition, showService, showTask } from './views.ts';

/** The gauges of one service, for the CloudWatch publisher. */
export interface ServiceMetrics {
  clusterName: string;
  serviceName: string;
  desired: number;
  running: number;
  pending: number;
  deployments: number;
  /** CPU units of one task; 1,024 units are one core. */
  cpuUnits: number;
  memoryMiB: number;
  /** The process groups of the service's tasks. */
  pids: number[];
}

export type EcsContext = Omit<LocalContext, 'sqs' | 'ssm'>;

const includesTags = (input: Input): boolean => (texts(input, 'include') ?? []).includes('TAGS');

export class Ecs implements LocalService {
  readonly name = 'ecs';
  readonly targetPrefix = 'AmazonEC2ContainerServiceV20141113.';
  readonly jsonVersion = '1.1';
  readonly queryCompatible = false;
  readonly signedActions = ['CreateService', 'RegisterTaskDefinition', 'RunTask', 'UpdateService'];
  readonly actions: readonly string[];
  readonly persistent: Persistent;
  readonly routes: RouteHandler;
  readonly #context: EcsContext;
  readonly #clusters: Clusters;
  readonly #definitions: TaskDefinitions;
  readonly #services: Services;
  readonly #tasks: Tasks;
  readonly #scheduler: Scheduler;
  readonly #protection: TaskProtection;
  readonly #calls: TaskCalls;
  readonly #keep: EcsKeeper;
  readonly #tagged: Tagged;

  constructor(context: EcsContext, options: EcsOptions = {}) {
    this.#context = context;
    const { clock, region } = context;
    const settings = withDefaults(options, spawnGuarded);
    const agent = new Agent();
    this.#clusters = new Clusters(context);
    this.#definitions = new TaskDefinitions(context);
    this.#services = new Services(context, this.#definitions, (service) => this.#keep.forgotten(service));
    this.#keep = new EcsKeeper({
      clusters: this.#clusters,
      definitions: this.#definitions,
      services: this.#services,
    });
    this.persistent = this.#keep;
    this.#tasks = new Tasks(context, settings, agent);
    const parts = { tasks: this.#tasks, services: this.#services, definitions: this.#definitions };
    this.#scheduler = new Scheduler({ clock, settings, ...parts, changed: (service) => this.#keep.service(service) });
    this.#protection = new TaskProtection({
      clock,
      tasks: this.#tasks,
      serviceOf: (task) => (task.serviceArn ? this.#services.byArn(task.serviceArn) : undefined),
      changed: (service) => this.#scheduler.poke(service),
    });
    this.#calls = { home: context, ...parts };
    this.#tagged = {
      cluster: (arn) => this.#clusters.find(arn),
      service: (arn) => this.#services.byArn(arn),
      task: (arn) => this.#tasks.byArn(arn),
      definition: (arn) => this.#definitions.find(arn),
      keep: this.#keep,
    };
    this.routes = agentRoutes({ agent, protection: this.#protection, region, now: () => clock.now() });
    this.actions = Object.keys(this.#handlers).sort();
  }

  handle(action: string, input: Input, context: CallContext): object {
    const handler = this.#handlers[action];
    if (!handler) throw new Error(`no handler for ${action}`);
    return handler(input, context);
  }

  /** Starts the tasks of restored services. */
  start(): void {
    this.#scheduler.pokeAll();
  }

  async close(): Promise<void> {
    this.#scheduler.close();
    await this.#tasks.close();
  }

  /** Calls `listener` after each change of a task's state. The returned function ends that. */
  onTaskStateChange(listener: (task: Task) => void): () => void {
    return this.#tasks.onChange(listener);
  }

  tasks(): readonly Task[] {
    return this.#tasks.all();
  }

  /** Returns the pid of the first container of a task; undefined while it has none. */
  pidOf(taskArn: string): number | undefined {
    return this.#tasks.byArn(taskArn)?.containers[0]?.pid;
  }

  /** Returns the last lines that a task printed, oldest first. */
  outputOf(taskArn: string): readonly TaskOutput[] {
    const task = this.#tasks.byArn(taskArn);
    return task ? this.#tasks.output(task) : [];
  }

  metrics(): ServiceMetrics[] {
    const active = this.#services.all().filter((service) => service.status !== 'INACTIVE');
    return active.map((service) => {
      const tasks = this.#ofService(service);
      const { runningCount, pendingCount } = counts(tasks);
      const definition = this.#definitions.find(service.deployments[0]?.taskDefinition ?? '');
      return {
        clusterName: clusterName(service.clusterArn),
        serviceName: service.name,
        desired: service.desiredCount,
        running: runningCount,
        pending: pendingCount,
        deployments: service.deployments.length,
        cpuUnits: definition?.cpuUnits ?? 0,
        memoryMiB: definition?.memoryMiB ?? 0,
        pids: tasks.flatMap((task) => task.containers.flatMap((each) => each.pid ?? [])),
      };
    });
  }

  #ofService(service: EcsService): Task[] {
    return this.#tasks.all().filter((task) => task.serviceArn === service.arn);
  }

  #showService(service: EcsService, withTags = false): object {
    return showService(service, this.#ofService(service), withTags);
  }

  #showTask(task: Task, withTags = true): object {
    return showTask(task, this.#context.region, withTags);
  }

  #showCluster(cluster: Cluster, include: readonly string[]): object {
    const tasks = this.#tasks.all().filter((task) => task.clusterArn === cluster.arn);
    return showCluster(cluster, this.#services.ofCluster(cluster), tasks, include);
  }

  #deleteCluster(input: Input): object {
    if (!text(input, 'cluster')) throw invalidParameter('Cluster cannot be empty.');
    const cluster = this.#clusters.get(input);
    const services = this.#services.ofCluster(cluster).filter((each) => each.status !== 'INACTIVE');
    if (services.length > 0)
      throw new AwsError(
        'ClusterContainsServicesException',
        'The Cluster cannot be deleted while Services are active.',
      );
    if (this.#tasks.all().some((task) => task.clusterArn === cluster.arn && task.lastStatus !== 'STOPPED'))
      throw new AwsError('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.');
    cluster.status = 'INACTIVE';
    this.#keep.cluster(cluster);
    return { cluster: this.#showCluster(cluster, []) };
  }

  #now(): number {
    return this.#context.clock.now();
  }

  #changed(service: EcsService): void {
    this.#keep.service(service);
    this.#scheduler.poke(service);
  }

  readonly #handlers: Record<string, (input: Input, context: CallContext) => object> = {
    CreateCluster: (input) => {
      const cluster = this.#clusters.create(input);
      this.#keep.cluster(cluster);
      return { cluster: this.#showCluster(cluster, ['TAGS', 'SETTINGS']) };
    },
    DescribeClusters: (input) => {
      const include = texts(input, 'include') ?? [];
      const { found, failures } = this.#clusters.describe(input);
      return { clusters: found.map((each) => this.#showCluster(each, include)), failures };
    },
    ListClusters: (input) => this.#clusters.list(input),
    DeleteCluster: (input) => this.#deleteCluster(input),

    RegisterTaskDefinition: (input, { principal }) => {
      const definition = this.#definitions.register(input, this.#now(), principal.arn);
      this.#keep.definition(definition);
      return { taskDefinition: showDefinition(definition), tags: showTags(definition.tags) };
    },
    DescribeTaskDefinition: (input) => {
      const definition = this.#definitions.describe(input);
      const tags = includesTags(input) ? showTags(definition.tags) : undefined;
      return { taskDefinition: showDefinition(definition), tags };
    },
    DeregisterTaskDefinition: (input) => {
      const definition = this.#definitions.deregister(input, this.#now());
      this.#keep.definition(definition);
      return { taskDefinition: showDefinition(definition) };
    },
    ListTaskDefinitions: (input) => this.#definitions.list(input),
    ListTaskDefinitionFamilies: (input) => this.#definitions.families(input),

    CreateService: (input, { principal }) => {
      const service = this.#services.create(this.#clusters.get(input), input, this.#now(), principal.arn);
      this.#changed(service);
      return { service: this.#showService(service, true) };
    },
    UpdateService: (input) => {
      const service = this.#services.get(this.#clusters.get(input), input);
      this.#services.update(service, input, this.#now());
      this.#changed(service);
      return { service: this.#showService(service) };
    },
    DescribeServices: (input) => {
      const { found, failures } = this.#services.describe(this.#clusters.get(input), input);
      return { services: found.map((each) => this.#showService(each, includesTags(input))), failures };
    },
    ListServices: (input) => this.#services.list(this.#clusters.get(input), input),
    DeleteService: (input) => {
      const service = this.#services.get(this.#clusters.get(input), input);
      this.#services.delete(service, input, this.#now());
      this.#changed(service);
      return { service: this.#showService(service) };
    },

    RunTask: (input) => {
      const { started, failures } = runTask(this.#clusters.get(input), input, this.#calls);
      return { tasks: started.map((task) => this.#showTask(task)), failures };
    },
    StopTask: (input) => ({ task: this.#showTask(stopTask(this.#clusters.get(input), input, this.#calls)) }),
    ListTasks: (input) => listTasks(this.#clusters.get(input), input, this.#calls),
    DescribeTasks: (input) => {
      const { found, failures } = describeTasks(this.#clusters.get(input), input, this.#calls);
      return { tasks: found.map((task) => this.#showTask(task, includesTags(input))), failures };
    },

    GetTaskProtection: (input) => this.#protection.get(this.#clusters.get(input), input),
    UpdateTaskProtection: (input) => this.#protection.update(this.#clusters.get(input), input),

    TagResource: (input) => tagResource(input, this.#tagged),
    UntagResource: (input) => untagResource(input, this.#tagged),
    ListTagsForResource: (input) => listTags(input, this.#tagged),

    // Tasks run on this machine itself, which is no container instance.
    ListContainerInstances: (input) => {
      this.#clusters.get(input);
      return { containerInstanceArns: [] };
    },
    DescribeContainerInstances: (input) => {
      this.#clusters.get(input);
      const names = texts(input, 'containerInstances') ?? [];
      if (names.length === 0) throw invalidParameter('Container instances cannot be empty.');
      return { containerInstances: [], failures: names.map((arn) => ({ arn, reason: 'MISSING' })) };
    },
  };
}

/** Makes ECS for `startLocalAws`. It starts nothing before the state is restored and the endpoint listens. */
export const createEcs = (context: EcsContext, options: EcsOptions = {}): Ecs => new Ecs(context, options);
