import DataLoader from 'dataloader';
import pLimit from 'p-limit';
import { classify } from '../aws/errors.ts';

/** Calls of one kind under way at a time. While they are, keys gather, so that calls grow instead of queueing up. */
const MOST_AT_ONCE = 4;

/**
 * Returns a function that collects what policies ask for within a few milliseconds of each other into as few AWS calls as their page sizes
 * allow; when calls wait for the rate limit, for as long as they wait. Nothing is cached: every tick looks at the world as
 * it is.
 */
export function batcher<K, V>(
  size: number,
  load: (keys: readonly K[]) => Promise<readonly (V | Error)[]>,
  windowMs = 10,
): (key: K) => Promise<V> {
  const limit = pLimit(MOST_AT_ONCE);
  let underWay: Promise<unknown> = Promise.resolve();
  const loader = new DataLoader<K, V>(
    (keys) => {
      const loaded = isolated(keys, load);
      underWay = loaded.catch(() => {});
      return loaded;
    },
    {
      cache: false,
      maxBatchSize: size,
      // `dispatch` makes its one call before it returns, and `limit` counts that call until it has ended.
      batchScheduleFn: (dispatch) =>
        void setTimeout(
          () =>
            void limit(() => {
              dispatch();
              return underWay;
            }),
          windowMs,
        ),
    },
  );
  return (key) => loader.load(key);
}

/**
 * Loads a batch so that one policy's trouble is its own: a batch that AWS refuses whole, because of one key in it (a name that is not valid, an
 * ARN that is not allowed), is asked again key by key. A batch that failed for a transient reason is not asked again, or throttling would feed itself.
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

/** Returns one batcher for each group of keys, such as the services of one cluster. */
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

/** Returns `items` in pieces of at most `size`. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
