import type { Moment } from './lease.ts';

/**
 * Returns the two clocks of a lease. A monotonic clock may stand still while a machine is suspended, and a wall clock may be
 * set back: `spent` takes the larger step of the two since it was last read, so that it never runs late. It may run fast
 * when the wall clock is set forward; that ends an authority early, which is safe.
 */
export function stopwatch(steady = (): number => performance.now(), wall: () => number = Date.now): () => Moment {
  let last = { steady: steady(), wall: wall() };
  let spent = 0;
  return () => {
    const now = { steady: steady(), wall: wall() };
    spent += Math.max(0, now.steady - last.steady, now.wall - last.wall);
    last = now;
    return { steady: now.steady, spent };
  };
}
