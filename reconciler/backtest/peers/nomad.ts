/** Nomad Autoscaler's target-value strategy (plugins/builtin/strategy/target-value), with its one cooldown for both directions. */
import { clamp, type Peer } from './peer.ts';

export interface NomadSettings {
  /** Messages (visible and in flight) for each worker. */
  target: number;
  min: number;
  max: number;
}

const INTERVAL_S = 10;
const COOLDOWN_S = 300;
const THRESHOLD = 0.01;

/** Returns the strategy's count for a metric that is compared with `target` as a whole. */
export function targetValue(metric: number, target: number, workers: number): number {
  const factor = target === 0 ? metric : metric / target;
  if (workers === 0) return factor > 0 ? Math.ceil(factor) : 0;
  if (factor >= 1 - THRESHOLD && factor <= 1 + THRESHOLD) return workers;
  return Math.ceil(workers * factor);
}

export function nomad({ target, min, max }: NomadSettings): Peer {
  let quietUntil = Number.NEGATIVE_INFINITY;
  return {
    name: 'nomad',
    settings: `target-value ${target} a worker`,
    loops: [
      {
        every: INTERVAL_S,
        look: ({ now, visible, inFlight, desired }) => {
          const to = clamp(targetValue((visible + inFlight) / Math.max(1, desired), target, desired), min, max);
          if (to === desired || now < quietUntil) return undefined;
          quietUntil = now + COOLDOWN_S;
          return to;
        },
      },
    ],
  };
}
