import type { Instant, Reading } from '../../policies/model/observation.ts';
import { classify } from '../aws/errors.ts';

/** Runs one read; its failure becomes a value, so that one part of an observation may fail alone. */
export async function read<T>(action: string, now: () => Instant, get: () => Promise<T>): Promise<Reading<T>> {
  try {
    const value = await get();
    return { ok: true, at: now(), value };
  } catch (error) {
    return { ok: false, at: now(), failure: classify(error, action) };
  }
}
