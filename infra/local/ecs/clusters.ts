/** Keeps clusters. A cluster is only a name here: services and tasks belong to it. */
import { objects, text, texts } from '../input.ts';
import type { Input } from '../service.ts';
import { checkName, clusterArn, type Home, shortName } from './arn.ts';
import { clusterNotFound, type Failure, invalidParameter } from './errors.ts';
import type { Cluster } from './model.ts';
import { page } from './paging.ts';
import { readTags } from './tags.ts';

const MAX_DESCRIBED = 100;

export class Clusters {
  readonly #home: Home;
  readonly #clusters = new Map<string, Cluster>();

  constructor(home: Home) {
    this.#home = home;
  }

  all(): Cluster[] {
    return [...this.#clusters.values()];
  }

  restore(clusters: readonly Cluster[]): void {
    for (const cluster of clusters) this.#clusters.set(cluster.name, cluster);
  }

  find(nameOrArn: string | undefined): Cluster | undefined {
    const name = nameOrArn ?? 'default';
    const cluster = this.#clusters.get(shortName(name));
    return name.startsWith('arn:') && cluster?.arn !== name ? undefined : cluster;
  }

  /**
   * Returns the active cluster that a request names, or `default` if it names none.
   * @throws ClusterNotFoundException
   */
  get(input: Input): Cluster {
    const cluster = this.find(text(input, 'cluster') || undefined);
    if (cluster?.status !== 'ACTIVE') throw clusterNotFound();
    return cluster;
  }

  create(input: Input): Cluster {
    const name = text(input, 'clusterName') ?? 'default';
    checkName(name, 'Cluster name');
    const existing = this.#clusters.get(name);
    if (existing?.status === 'ACTIVE') return existing;
    const settings = objects(input, 'settings') ?? [{ name: 'containerInsights', value: 'disabled' }];
    const cluster: Cluster = {
      name,
      arn: clusterArn(this.#home, name),
      status: 'ACTIVE',
      tags: readTags(input),
      settings,
    };
    this.#clusters.set(name, cluster);
    return cluster;
  }

  describe(input: Input): { found: Cluster[]; failures: Failure[] } {
    const wanted = texts(input, 'clusters') ?? ['default'];
    if (wanted.length > MAX_DESCRIBED) throw invalidParameter(`At most ${MAX_DESCRIBED} clusters can be described.`);
    const found: Cluster[] = [];
    const failures: Failure[] = [];
    for (const name of wanted) {
      const cluster = this.find(name);
      if (cluster) found.push(cluster);
      else failures.push({ arn: name.startsWith('arn:') ? name : clusterArn(this.#home, name), reason: 'MISSING' });
    }
    return { found, failures };
  }

  list(input: Input): object {
    const active = this.all().filter((cluster) => cluster.status === 'ACTIVE');
    const { items, nextToken } = page(active.map((cluster) => cluster.arn).sort(), input);
    return { clusterArns: items, nextToken };
  }
}
