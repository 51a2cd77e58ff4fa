import DataLoader from 'dataloader';
import { classify } from '../aws/errors.ts';

/**
 * Collects what policies ask for within a few milliseconds of each other into as few AWS calls as their page sizes
 * allow. Nothing is cached: every tick looks at the world as it is.
 */
export function batcher<K, V>(
  size: number,
  load: (keys: readonly K[]) => Promise<readonly (V | Error)[]>,
  windowMs = 10,
): (key: K) => Promise<V> {
  const loader = new DataLoader<K, V>((keys) => isolated(keys, load) as Promise<(V | Error)[]>, {
    cache: false,
    maxBatchSize: size,
    batchScheduleFn: (run) => void setTimeout(run, windowMs),
  });
  return (key) => loader.load(key);
}

/**
 * One policy's trouble is its own: a batch that AWS refuses whole, because of one key in it (a name that is not valid, an
 * ARN that is not allowed), is asked again key by key. What will heal by itself is not, or throttling would feed itself.
 */
async function isolated<K, V>(
  keys: readonly K[],
  load: (keys: readonly K[]) => Promise<readonly (V | Error)[]>,
): Promise<readonly (V | Error)[]> {
  try {
    return await load(keys);
  } catch (error) {
    if (keys.length === 1 || classify(error, '').class === 'transient') throw error;
    return Promise.all(
      keys.map((key) =>
        load([key]).then(
          ([value]) => value!,
          (e: Error) => e,
        ),
      ),
    );
  }
}

/** One batcher for each group of keys, such as the services of one cluster. */
export function batchers<K, V>(
  size: number,
  load: (group: string, keys: readonly K[]) => Promise<readonly (V | Error)[]>,
): (group: string, key: K) => Promise<V> {
  const byGroup = new Map<string, (key: K) => Promise<V>>();
  return (group, key) => {
    let one = byGroup.get(group);
    if (!one) {
      one = batcher(size, (keys: readonly K[]) => load(group, keys));
      byGroup.set(group, one);
    }
    return one(key);
  };
}

/** `items` in pieces of at most `size`. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
