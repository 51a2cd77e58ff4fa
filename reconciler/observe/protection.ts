import { GetTaskProtectionCommand } from '@aws-sdk/client-ecs';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { Instant, Reading, TaskProtection } from '../../policies/model/observation.ts';
import { protectionIn } from '../aws/border/ecs.ts';
import type { Clients } from '../aws/clients.ts';
import { batchers } from './batch.ts';
import { OptionalRead } from './optional-read.ts';

type Service = PolicySpec['service'];

/** GetTaskProtection takes at most 100 tasks, of one cluster. */
const TASKS_PER_CALL = 100;
/** Services that share a call; each then shows a sample of its tasks. */
const SERVICES_PER_CALL = 10;

/**
 * Asks how many of a service's running tasks are protected from scale-in, at most once in `interval`. One call for up to ten
 * services of a cluster; of a large fleet it asks a sample.
 */
export class ProtectionReader {
  readonly #reads: OptionalRead<TaskProtection>;
  readonly #interval: number;
  readonly #load: (cluster: string, tasks: readonly string[]) => Promise<TaskProtection>;

  constructor({ ecs }: Clients, now: () => Instant, interval: number) {
    this.#reads = new OptionalRead({ action: 'ecs:GetTaskProtection', now });
    this.#interval = interval;
    this.#load = batchers(SERVICES_PER_CALL, async (cluster, fleets: readonly (readonly string[])[]) => {
      const samples = fleets.map((tasks) => spread(tasks, Math.floor(TASKS_PER_CALL / fleets.length)));
      const tasks = [...new Set(samples.flat())];
      const shown = protectionIn(await ecs.send(new GetTaskProtectionCommand({ cluster, tasks })), tasks);
      return samples.map((sample) => countsOf(sample, shown));
    });
  }

  /** Returns the counts for a service's running `tasks` within `limit` milliseconds; undefined when there are no tasks. */
  counts(
    { cluster, name }: Service,
    tasks: readonly string[],
    limit: number,
  ): Promise<Reading<TaskProtection>> | undefined {
    if (tasks.length === 0) return undefined;
    return this.#reads.get(`${cluster} ${name}`, limit, this.#interval, () => this.#load(cluster, tasks));
  }
}

/** Returns at most `most` of the items, evenly spread over the list. */
function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!);
}

/** Returns the counts over those tasks that still exist. */
function countsOf(tasks: readonly string[], shown: ReadonlyMap<string, boolean>): TaskProtection {
  const known = tasks.flatMap((arn) => shown.get(arn) ?? []);
  return { tasks: known.length, protected: known.filter(Boolean).length };
}
