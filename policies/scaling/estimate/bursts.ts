import type { Estimate, Span } from '../../model/estimate.ts';
import { short } from './estimate.ts';

/**
 * Burstiness of arrivals within the time that passes before a new worker can help. Each look compares the arrivals of the
 * last such window with the expectation before it, in units of the square root of the expectation (so that chance alone
 * stays near 1 at every rate), and adds the excess to the bin of its size.
 */

const BINS = 16;
/** Excess is forgotten with this time constant, so that a daily burst is remembered for some days. */
const MEMORY_S = 3 * 86_400;

/** Returns the state before anything was seen. */
export const noBursts = (): Estimate['bursts'] => ({ arrived: 0, excess: new Array<number>(BINS).fill(0) });

/** The surprise in the middle of each bin. */
const SIZES = Array.from({ length: BINS }, (_, bin) => (bin === 0 ? 0 : 2 ** ((bin + 0.5) / 2) - 1));

/** Returns the seconds of arrivals that no later decision can serve in time; 0 when new workers start early enough. */
export const blindSeconds = (startUp: number, interval: number, target: number): number =>
  Math.max(0, startUp + interval - target);

/** Returns the state with the arrivals of the last `window` seconds taken in. */
export function learnBursts(
  bursts: Estimate['bursts'],
  spans: readonly Span[],
  window: number,
  elapsed: number,
): Estimate['bursts'] {
  if (window <= 0 || spans.length === 0) return bursts;
  let arrived = 0;
  let seconds = 0;
  let expectedRate = 0;
  for (let i = spans.length - 1; i >= 0 && seconds < window; i--) {
    const span = spans[i]!;
    arrived += span.arrived;
    seconds += span.length;
    expectedRate = span.expected;
  }
  const expected = expectedRate * seconds;
  const surprise = Math.max(0, (arrived - expected) / Math.sqrt(expected + 1));
  const bin = Math.min(BINS - 1, Math.floor(2 * Math.log2(1 + surprise)));
  const keep = Math.exp(-elapsed / MEMORY_S);
  const excess = bursts.excess.map((value) => value * keep);
  excess[bin]! += Math.max(0, arrived - expected);
  return { arrived: short(bursts.arrived * keep + arrived), excess: excess.map(short) };
}

/** Returns the share of all messages that would have exceeded the surprise `covered`. */
export function lateByBursts({ arrived, excess }: Estimate['bursts'], covered: number): number {
  let over = 0;
  for (let i = BINS - 1; i > 0 && SIZES[i]! > covered; i--) over += excess[i]! * (1 - covered / SIZES[i]!);
  return arrived > 0 ? over / arrived : 0;
}

/** Returns the smallest surprise that at most a share `miss` of all messages would have exceeded. */
export function surpriseToCover(bursts: Estimate['bursts'], miss: number): number {
  return SIZES.find((covered) => lateByBursts(bursts, covered) <= miss) ?? SIZES[BINS - 1]!;
}
