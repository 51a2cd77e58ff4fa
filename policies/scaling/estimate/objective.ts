/** The objective: the share of messages that must be received in time. Every margin of a plan follows from the share that may be late. */

/** Three nines, unless the author says otherwise. */
export const DEFAULT_OBJECTIVE = 0.999;

/** Of the messages that may be late, these shares may be so for one reason. The rest is for reasons that nobody plans for. */
const BY_INTERRUPTION = 0.3;
const BY_BURSTS = 0.2;
/** One plan in so many comes down to its last seconds: each may fail that much more often than messages may be late. */
const TIGHT_PLANS = 3;

/** The margins of a plan. */
export interface Margins {
  /** Share of messages that scale-in may interrupt. */
  interrupted: number;
  /** Share of messages that bursts may make late. */
  bursts: number;
  /** Standard deviations that are kept in reserve, since receives vary by chance. */
  reserve: number;
}

/** Returns the margins that an objective (a share, such as 0.999) leaves. */
export function marginsOf(objective: number): Margins {
  const late = 1 - objective;
  return {
    interrupted: BY_INTERRUPTION * late,
    bursts: BY_BURSTS * late,
    reserve: normalQuantile(1 - Math.min(0.5, TIGHT_PLANS * late)),
  };
}

/**
 * Returns the number of standard deviations that a normal variable exceeds with the chance `1 - p`, for p from 0.5; within
 * 0.0005. Source: Abramowitz and Stegun, formula 26.2.23.
 */
function normalQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - p));
  const above = 2.515517 + 0.802853 * t + 0.010328 * t ** 2;
  const below = 1 + 1.432788 * t + 0.189269 * t ** 2 + 0.001308 * t ** 3;
  return t - above / below;
}
