/** Readings are evidence for two ticks; with short ticks for this time. Milliseconds. */
const LEAST_LIFE_MS = 5_000;

/** Returns for how long readings may lower a count, for a time between two ticks. Milliseconds. */
export const evidenceLife = (interval: number): number => Math.max(LEAST_LIFE_MS, 2 * interval);
