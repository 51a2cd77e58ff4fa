/** AWS step scaling on the visible count, as the AWS CDK's QueueProcessingFargateService sets it up by default. */
import type { Peer, PeerView } from './peer.ts';

export interface StepScalingSettings {
  /** Steps: from this many visible messages (inclusive), add so many workers. Rising. */
  up: readonly { from: number; add: number }[];
  /** Minutes over which the maximum is taken; the CDK uses 5. */
  minutes: number;
  min: number;
  max: number;
}

const COOLDOWN_S = 300;

/** The CDK's steps: nothing visible: -1; from 100: +1; from 500: +5. */
export const CDK_STEPS = [
  { from: 100, add: 1 },
  { from: 500, add: 5 },
] as const;

export function stepScaling({ up, minutes: period, min, max }: StepScalingSettings): Peer {
  let outUntil = Number.NEGATIVE_INFINITY;
  let inUntil = Number.NEGATIVE_INFINITY;
  let base = 0;

  const look = ({ now, desired, running, minutes }: PeerView): number | undefined => {
    const points = minutes().slice(-period);
    if (points.length < period) return undefined;
    const highest = Math.max(...points.map((p) => p.highest));
    const step = up.findLast(({ from }) => highest >= from);
    if (step) {
      const count = Math.min(max, (now < outUntil ? base : running) + step.add);
      if (count <= desired) return undefined;
      if (now >= outUntil) base = running;
      outUntil = now + COOLDOWN_S;
      inUntil = Number.NEGATIVE_INFINITY;
      return count;
    }
    if (highest <= 0 && now >= inUntil) {
      const count = Math.max(min, running - 1);
      if (count >= desired) return undefined;
      inUntil = now + COOLDOWN_S;
      return count;
    }
    return undefined;
  };
  const settings = up.map(({ from, add }) => `>=${from}: +${add}`).join(', ');
  return { name: 'aws-step', settings: `${settings}, 0: -1, max of ${period} min`, loops: [{ every: 60, look }] };
}
