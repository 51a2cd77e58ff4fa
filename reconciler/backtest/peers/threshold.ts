/** The plain threshold rule as most scripts have it: one cooldown for both directions, strict comparisons, steps of one. */
import { clamp, type Peer } from './peer.ts';

export interface ThresholdSettings {
  /** Up when visible > workers * this. */
  up: number;
  /** Down when visible < workers * this. */
  down: number;
  /** Seconds between two changes. */
  cooldown: number;
  min: number;
  max: number;
}

const POLL_S = 10;

export function threshold({ up, down, cooldown, min, max }: ThresholdSettings): Peer {
  let lastChange = Number.NEGATIVE_INFINITY;
  return {
    name: 'threshold',
    settings: `up ${up}, down ${down}, step 1, cooldown ${cooldown} s`,
    loops: [
      {
        every: POLL_S,
        look: ({ now, desired, visible }) => {
          if (desired < min || desired > max) return clamp(desired, min, max);
          const want = visible > desired * up ? desired + 1 : visible < desired * down ? desired - 1 : desired;
          const to = clamp(want, min, max);
          if (to === desired || now - lastChange < cooldown) return undefined;
          lastChange = now;
          return to;
        },
      },
    ],
  };
}
