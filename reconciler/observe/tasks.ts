import { DescribeTasksCommand, paginateListTasks } from '@aws-sdk/client-ecs';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { Instant, Reading, TaskCounts, TaskRef } from '../../policies/model/observation.ts';
import { lastSegment, type SeenTask, taskArnsOn, tasksIn } from '../aws/border/ecs.ts';
import { abortedBy, type Clients } from '../aws/clients.ts';
import { allPages } from '../aws/pages.ts';
import { batchers, chunks } from './batch.ts';
import { OptionalRead } from './optional-read.ts';

type Service = PolicySpec['service'];

/** A page of ListTasks, and the most that DescribeTasks takes. */
const TASKS_PER_CALL = 100;
/** From this many services that ask at once, listing the cluster's tasks costs fewer calls than listing each service's. */
const LIST_CLUSTER_FROM = 5;

/**
 * Counts tasks, at most once in `interval` for each service: the counts change slowly, and ListTasks cannot be batched
 * across services. When many services of a cluster ask together, the cluster is listed once for all of them.
 */
export class TaskReader {
  readonly #ecs: Clients['ecs'];
  readonly #counts: OptionalRead<TaskCounts>;
  readonly #interval: number;
  readonly #load: (cluster: string, service: string) => Promise<TaskCounts>;
  /** Tasks that ran when they were counted last. */
  readonly #ran = new Map<string, string[]>();

  constructor({ ecs }: Clients, now: () => Instant, interval: number) {
    this.#ecs = ecs;
    this.#counts = new OptionalRead({ action: 'ecs:ListTasks', now });
    this.#interval = interval;
    this.#load = batchers(1_000, (cluster, services: readonly string[]) => this.#count(cluster, services));
  }

  /** Returns the counts of a service's tasks within `limit` milliseconds. */
  counts({ cluster, name }: Service, limit: number): Promise<Reading<TaskCounts>> {
    return this.#counts.get(`${cluster} ${name}`, limit, this.#interval, () => this.#load(cluster, name));
  }

  /** Returns the ARNs of the service's tasks that ran when they were counted last. */
  ranLast({ cluster, name }: Service): readonly string[] {
    return this.#ran.get(`${cluster} ${name}`) ?? [];
  }

  /** Returns the service's running tasks, read now: what an experiment stops must be there. */
  async running({ cluster, name }: Service, signal?: AbortSignal): Promise<TaskRef[]> {
    const tasks = await this.#tasks({ cluster, serviceName: name }, signal);
    return tasks.flatMap(({ arn, lastStatus, desiredStatus, startedAt }) =>
      lastStatus === 'RUNNING' && desiredStatus === 'RUNNING' && startedAt !== undefined ? [{ arn, startedAt }] : [],
    );
  }

  async #count(cluster: string, services: readonly string[]): Promise<TaskCounts[]> {
    const together = services.length >= LIST_CLUSTER_FROM;
    const tasks = together
      ? await this.#tasks({ cluster })
      : (await Promise.all(services.map((serviceName) => this.#tasks({ cluster, serviceName })))).flat();
    return services.map((name) => {
      const own = tasks.filter(({ group }) => group === `service:${lastSegment(name)}`);
      this.#ran.set(
        `${cluster} ${name}`,
        own.filter(isRunning).map(({ arn }) => arn),
      );
      return countsOf(own);
    });
  }

  async #tasks(filter: { cluster: string; serviceName?: string }, signal?: AbortSignal): Promise<SeenTask[]> {
    const { cluster } = filter;
    const listing = paginateListTasks(
      { client: this.#ecs },
      { ...filter, maxResults: TASKS_PER_CALL },
      abortedBy(signal),
    );
    const arns = (await allPages('ecs:ListTasks', listing)).flatMap(taskArnsOn);
    const described = chunks([...new Set(arns)], TASKS_PER_CALL).map(async (tasks) =>
      tasksIn(await this.#ecs.send(new DescribeTasksCommand({ cluster, tasks }), abortedBy(signal)), tasks),
    );
    return (await Promise.all(described)).flat();
  }
}

const STARTING = new Set(['PROVISIONING', 'PENDING', 'ACTIVATING']);

const isRunning = ({ lastStatus }: SeenTask): boolean => lastStatus === 'RUNNING';

/** Returns how many tasks run and start, and the median of their start-up times. */
function countsOf(tasks: readonly SeenTask[]): TaskCounts {
  const startUps = tasks
    .flatMap(({ createdAt, startedAt }) =>
      createdAt !== undefined && startedAt !== undefined && startedAt >= createdAt
        ? [(startedAt - createdAt) / 1_000]
        : [],
    )
    .sort((a, b) => a - b);
  const median = startUps[Math.floor(startUps.length / 2)];
  return {
    running: tasks.filter(isRunning).length,
    starting: tasks.filter(({ lastStatus }) => STARTING.has(lastStatus)).length,
    ...(median === undefined ? {} : { startUpSeconds: Number(median.toFixed(1)) }),
  };
}
