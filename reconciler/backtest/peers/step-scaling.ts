/**
 * AWS step scaling on the visible count, as the AWS CDK's QueueProcessingFargateService sets it up by default, and with other
 * steps. Percentages are rounded as Application Auto Scaling does: away from zero below one worker, else towards it.
 */
import type { Peer, PeerView } from './peer.ts';

/** A change of the count: workers, or a share of those there are, and then at least `atLeast` workers. */
export type Adjustment = { workers: number } | { percent: number; atLeast?: number };

export interface StepScalingSettings {
  /** Steps: from this many visible messages (inclusive). Rising. */
  up: readonly { from: number; by: Adjustment }[];
  /** Once nothing is visible. */
  down: Adjustment;
  /** Minutes over which the maximum is taken; the CDK uses 5. */
  minutes: number;
  min: number;
  max: number;
}

const COOLDOWN_S = 300;

/** The CDK's steps: nothing visible: -1; from 100: +1; from 500: +5. */
export const CDK_STEPS = [
  { from: 100, by: { workers: 1 } },
  { from: 500, by: { workers: 5 } },
] as const;
export const CDK_DOWN = { workers: -1 } as const;

/** Returns the count after an adjustment. */
export function adjusted(count: number, by: Adjustment): number {
  if ('workers' in by) return count + by.workers;
  const exact = (count * by.percent) / 100;
  const change = Math.abs(exact) < 1 ? Math.sign(exact) : Math.trunc(exact);
  return count + Math.sign(by.percent) * Math.max(Math.abs(change), by.atLeast ?? 0);
}

const words = (by: Adjustment): string =>
  'workers' in by
    ? `${by.workers > 0 ? '+' : ''}${by.workers}`
    : `${by.percent > 0 ? '+' : ''}${by.percent} %${by.atLeast === undefined ? '' : `, at least ${by.atLeast}`}`;

export function stepScaling({ up, down, minutes: period, min, max }: StepScalingSettings): Peer {
  let outUntil = Number.NEGATIVE_INFINITY;
  let inUntil = Number.NEGATIVE_INFINITY;
  let base = 0;

  const look = ({ now, desired, running, minutes }: PeerView): number | undefined => {
    const points = minutes().slice(-period);
    if (points.length < period) return undefined;
    const highest = Math.max(...points.map((p) => p.highest));
    const step = up.findLast(({ from }) => highest >= from);
    if (step) {
      const count = Math.min(max, adjusted(now < outUntil ? base : running, step.by));
      if (count <= desired) return undefined;
      if (now >= outUntil) base = running;
      outUntil = now + COOLDOWN_S;
      inUntil = Number.NEGATIVE_INFINITY;
      return count;
    }
    if (highest <= 0 && now >= inUntil) {
      const count = Math.max(min, adjusted(running, down));
      if (count >= desired) return undefined;
      inUntil = now + COOLDOWN_S;
      return count;
    }
    return undefined;
  };
  const settings = up.map(({ from, by }) => `>=${from}: ${words(by)}`).join(', ');
  return {
    name: 'aws-step',
    settings: `${settings}, 0: ${words(down)}, max of ${period} min`,
    loops: [{ every: 60, look }],
  };
}
