import type { Estimate } from '../../model/estimate.ts';
import type { Observation } from '../../model/observation.ts';
import { SLOW } from './learn.ts';

/** A difference counts as a trend only beyond this many standard deviations of chance. */
const BEYOND_CHANCE = 2;

/** Returns the load that is usual at this time of day; 0 when nothing is known. */
export const usualLoad = (seen: Observation, service: number): number =>
  ((seen.usual?.ok ? seen.usual.value?.perSecond : undefined) ?? 0) * service;

/**
 * Returns the load to expect `ahead` seconds from now: the smoothed load, and its trend where that is more than chance. Only
 * upward: a falling load is followed once it has fallen. `memory` is the smoothing time in seconds.
 */
export function forecastLoad({ load, slowLoad }: Estimate, memory: number, service: number, ahead: number): number {
  // Exponential means lag a ramp by their time constants, so their difference over the difference of those is its slope.
  const slope = (load - slowLoad) / ((SLOW - 1) * memory);
  const chance = Math.sqrt((Math.max(slowLoad, 0.1) * service) / (2 * memory));
  if (load - slowLoad <= BEYOND_CHANCE * chance) return load;
  return load + slope * ahead;
}
