import type { Memory } from './model/memory.ts';

/** Returns the memory of a policy that was never looked at. */
export function emptyMemory(): Memory {
  return { window: [], failedTicks: 0, alerts: {} };
}
