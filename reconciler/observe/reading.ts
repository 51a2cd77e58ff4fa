import type { Instant, Reading } from '../../policies/model/observation.ts';
import { classify } from '../aws/errors.ts';

/**
 * Returns what one read found, or how it failed, so that one part of an observation may fail alone. The reading is as old as
 * the start of its call: the answer may tell of that moment.
 */
export async function read<T>(action: string, now: () => Instant, get: () => Promise<T>): Promise<Reading<T>> {
  const at = now();
  try {
    return { ok: true, at, value: await get() };
  } catch (error) {
    return { ok: false, at, failure: classify(error, action) };
  }
}

/** Returns what `read` returns, or a failed reading after `limit` milliseconds. The call is then aborted. */
export async function readWithin<T>(
  limit: number,
  action: string,
  now: () => Instant,
  get: (signal: AbortSignal) => Promise<T>,
): Promise<Reading<T>> {
  const controller = new AbortController();
  const at = now();
  const reading = await within(
    limit,
    read(action, now, () => get(controller.signal)),
  );
  if (reading) return reading;
  controller.abort();
  return late(action, at, limit);
}

/** Returns what `work` resolves to; undefined when that takes longer than `ms` milliseconds. */
export function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([work, over]).finally(() => clearTimeout(timer));
}

/** Returns the failed reading of a call that gave no answer in time. */
export function late(action: string, at: Instant, limit: number): Reading<never> {
  const message = `${action}: no answer within ${limit / 1_000} s; the tick goes on without it`;
  return { ok: false, at, failure: { class: 'transient', code: 'TimeoutError', message } };
}

/** Returns the reading with another value, computed from its own. A failed reading stays as it is. */
export function mapReading<T, U>(reading: Reading<T>, to: (value: T) => U): Reading<U> {
  return reading.ok ? { ...reading, value: to(reading.value) } : reading;
}
