import { DescribeTasksCommand, type DesiredStatus, ListTasksCommand } from '@aws-sdk/client-ecs';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { FailedStarts, Instant, Reading, ServiceState } from '../../policies/model/observation.ts';
import { lastSegment, taskArnsOn, tasksIn } from '../aws/border/ecs.ts';
import { type StoppedTask, stoppedTasksIn } from '../aws/border/ecs-trouble.ts';
import type { Clients } from '../aws/clients.ts';
import { OptionalRead } from './optional-read.ts';

type Service = PolicySpec['service'];

/** Returns the last lines that a task printed, oldest first; none where its log cannot be read. */
export type LastLines = (taskId: string) => Promise<readonly string[]>;

/** A page of ListTasks, and the most that DescribeTasks takes. A page is enough: a crash loop fills it by itself. */
const TASKS_PER_CALL = 100;
/** Between two tries of a crash loop all workers may seem to run for a moment. */
const STILL_MS = 120_000;
/** Failures that are older say nothing about the next task. ECS shows stopped tasks for an hour. */
const WINDOW_MS = 30 * 60_000;
/** A task that fails sooner than this after its start was not fit to work. */
const SOON_MS = 60_000;
/** A task that ends with code 0 may have done its one job, unless it ends at once. */
const AT_ONCE_MS = 10_000;
/** From this many failures on, the running tasks are looked at too. */
const SEVERAL = 3;

/** Looks for tasks that do not stay up, at most once in `interval` for each service, and only while workers are missing. */
export class FailedStartReader {
  readonly #ecs: Clients['ecs'];
  readonly #now: () => Instant;
  readonly #interval: number;
  readonly #reads: OptionalRead<FailedStarts | undefined>;
  readonly #lastLines: LastLines | undefined;
  readonly #missingAt = new Map<string, Instant>();

  constructor({ ecs }: Clients, now: () => Instant, interval: number, lastLines?: LastLines) {
    this.#lastLines = lastLines;
    this.#ecs = ecs;
    this.#now = now;
    this.#interval = interval;
    this.#reads = new OptionalRead({ action: 'ecs:ListTasks', now });
  }

  /** Returns the failed starts of the service's primary deployment within `limit` milliseconds; undefined when none is missing. */
  failed(
    { cluster, name }: Service,
    { deployment, running, desired }: ServiceState,
    limit: number,
  ): Promise<Reading<FailedStarts | undefined>> | undefined {
    const key = `${cluster} ${name}`;
    const at = this.#now();
    if (running < desired) this.#missingAt.set(key, at);
    const missingAt = this.#missingAt.get(key);
    if (deployment === undefined || missingAt === undefined || at - missingAt > STILL_MS) return undefined;
    return this.#reads.get(key, limit, this.#interval, () => this.#load({ cluster, serviceName: name }, deployment));
  }

  async #load(service: Listed, deployment: string): Promise<FailedStarts | undefined> {
    const { cluster } = service;
    const tasks = await this.#list(service, 'STOPPED');
    if (tasks.length === 0) return undefined;
    const stopped = stoppedTasksIn(await this.#ecs.send(new DescribeTasksCommand({ cluster, tasks })), tasks);
    const failed = failedIn(stopped, deployment, this.#now());
    if (failed.length === 0) return undefined;
    const survivors = failed.length < SEVERAL ? 0 : await this.#survivors(service, failed);
    const summary = summaryOf(failed, deployment, survivors);
    const lastLines = (await this.#lastLines?.(summary.last.task)) ?? [];
    return lastLines.length === 0 ? summary : { ...summary, last: { ...summary.last, lastLines } };
  }

  async #survivors(service: Listed, failed: readonly StoppedTask[]): Promise<number> {
    const { cluster } = service;
    const tasks = await this.#list(service, 'RUNNING');
    if (tasks.length === 0) return 0;
    const seen = tasksIn(await this.#ecs.send(new DescribeTasksCommand({ cluster, tasks })), tasks);
    const least = Math.max(...failed.map(lifeOf));
    const first = failed[0]!.endedAt;
    return seen.filter(
      ({ lastStatus, startedAt }) =>
        lastStatus === 'RUNNING' && startedAt !== undefined && startedAt >= first && this.#now() - startedAt > least,
    ).length;
  }

  async #list(service: Listed, desiredStatus: DesiredStatus): Promise<string[]> {
    return taskArnsOn(
      await this.#ecs.send(new ListTasksCommand({ ...service, desiredStatus, maxResults: TASKS_PER_CALL })),
    );
  }
}

interface Listed {
  cluster: string;
  serviceName: string;
}

/** Returns the tasks that failed soon after their start, the first one first. */
function failedIn(stopped: readonly StoppedTask[], deployment: string, now: Instant): StoppedTask[] {
  return stopped
    .filter((task) => task.startedBy === deployment && now - task.endedAt < WINDOW_MS && isFailure(task))
    .sort((a, b) => a.endedAt - b.endedAt);
}

function isFailure(task: StoppedTask): boolean {
  if (task.stopCode === 'TaskFailedToStart') return true;
  if (task.stopCode !== 'EssentialContainerExited') return false;
  return lifeOf(task) < (task.exitCode === 0 ? AT_ONCE_MS : SOON_MS);
}

const lifeOf = ({ startedAt, endedAt }: StoppedTask): number => Math.max(0, endedAt - (startedAt ?? endedAt));

function summaryOf(failed: readonly StoppedTask[], deployment: string, survivors: number): FailedStarts {
  const last = failed.at(-1)!;
  return {
    deployment,
    count: failed.length,
    since: failed[0]!.endedAt,
    last: {
      task: lastSegment(last.arn),
      at: last.endedAt,
      reason: last.reason,
      ...(last.exitCode === undefined ? {} : { exitCode: last.exitCode }),
      ...(last.startedAt === undefined ? {} : { livedSeconds: Number((lifeOf(last) / 1_000).toFixed(1)) }),
    },
    survivors,
  };
}
