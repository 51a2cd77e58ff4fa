import { DescribeTasksCommand, paginateListTasks, type Task } from '@aws-sdk/client-ecs';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { Instant, TaskCounts, TaskRef } from '../../policies/model/observation.ts';
import type { Clients } from '../aws/clients.ts';
import { allPages } from '../aws/pages.ts';
import { batchers, chunks } from './batch.ts';

const TASKS_PER_CALL = 100; // ListTasks page and DescribeTasks batch.

/** Above this many services that ask at once, listing the cluster's tasks costs fewer calls than listing each service's. */
const LIST_CLUSTER_FROM = 5;

/**
 * Counts tasks, at most once in `interval` for each service: the counts change slowly, and ListTasks cannot be batched
 * across services. When many services of a cluster ask together, the cluster is listed once for all of them.
 */
export class TaskReader {
  readonly #ecs: Clients['ecs'];
  readonly #now: () => Instant;
  readonly #interval: number;
  readonly #kept = new Map<string, { at: Instant; counts: Promise<TaskCounts> }>();
  readonly #load: (cluster: string, service: string) => Promise<TaskCounts>;

  constructor({ ecs }: Clients, now: () => Instant, interval: number) {
    this.#ecs = ecs;
    this.#now = now;
    this.#interval = interval;
    this.#load = batchers(1_000, (cluster, services: readonly string[]) => this.#count(cluster, services));
  }

  counts({ cluster, name }: PolicySpec['service']): Promise<TaskCounts> {
    const key = `${cluster} ${name}`;
    const now = this.#now();
    const kept = this.#kept.get(key);
    if (kept && now - kept.at < this.#interval) return kept.counts;
    const counts = this.#load(cluster, name);
    this.#kept.set(key, { at: now, counts });
    counts.catch(() => this.#kept.delete(key));
    return counts;
  }

  /** The service's running tasks, read now: what is stopped must be there. */
  async running({ cluster, name }: PolicySpec['service']): Promise<TaskRef[]> {
    const arns = await this.#list({ cluster, serviceName: name });
    const tasks = await Promise.all(chunks(arns, TASKS_PER_CALL).map((some) => this.#describe(cluster, some)));
    return tasks
      .flat()
      .flatMap(({ taskArn, lastStatus, desiredStatus, startedAt }) =>
        taskArn && lastStatus === 'RUNNING' && desiredStatus === 'RUNNING' && startedAt
          ? [{ arn: taskArn, startedAt: startedAt.getTime() }]
          : [],
      );
  }

  async #count(cluster: string, services: readonly string[]): Promise<TaskCounts[]> {
    const together = services.length >= LIST_CLUSTER_FROM;
    const arns = together
      ? await this.#list({ cluster })
      : (await Promise.all(services.map((serviceName) => this.#list({ cluster, serviceName })))).flat();
    const tasks = (
      await Promise.all(chunks([...new Set(arns)], TASKS_PER_CALL).map((some) => this.#describe(cluster, some)))
    ).flat();
    return services.map((name) => countsOf(tasks.filter((t) => t.group === `service:${name.split('/').at(-1)}`)));
  }

  async #list(filter: { cluster: string; serviceName?: string }): Promise<string[]> {
    const input = { ...filter, maxResults: TASKS_PER_CALL };
    const pages = await allPages('ecs:ListTasks', paginateListTasks({ client: this.#ecs }, input));
    return pages.flatMap(({ taskArns = [] }) => taskArns);
  }

  async #describe(cluster: string, tasks: string[]): Promise<Task[]> {
    const output = await this.#ecs.send(new DescribeTasksCommand({ cluster, tasks }));
    return output.tasks ?? [];
  }
}

const STARTING = new Set(['PROVISIONING', 'PENDING', 'ACTIVATING']);

function countsOf(tasks: readonly Task[]): TaskCounts {
  const startUps = tasks
    .flatMap((t) => (t.createdAt && t.startedAt ? [(t.startedAt.getTime() - t.createdAt.getTime()) / 1_000] : []))
    .sort((a, b) => a - b);
  return {
    running: tasks.filter((t) => t.lastStatus === 'RUNNING').length,
    starting: tasks.filter((t) => STARTING.has(t.lastStatus ?? '')).length,
    ...(startUps.length > 0 ? { startUpSeconds: Number(startUps[Math.floor(startUps.length / 2)]!.toFixed(1)) } : {}),
  };
}
