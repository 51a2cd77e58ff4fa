/**
 * AWS Application Auto Scaling, target tracking on backlog per task (metric math over SQS's visible count and the running
 * tasks). AWS publishes no algorithm; alarms 3 of 3 and 15 of 15, cooldowns and the rest are from its user guides and from
 * threads (aws/containers-roadmap#1208, aws/copilot-cli#3376).
 */
import type { Peer, PeerView } from './peer.ts';

export interface TargetTrackingSettings {
  /** Visible messages for each running task: acceptable latency / processing time. */
  target: number;
  /** Seconds after a minute until its point can be read: 60 at best; 180 matches the 363 s that AWS measured in all. */
  lag: number;
  min: number;
  max: number;
  /**
   * The ratio that is tracked. `math`: CloudWatch's metric math, which has no point while no task runs. `copilot`: the Lambda of
   * AWS Copilot, which writes whole numbers and divides by one while no task runs.
   */
  ratio?: 'math' | 'copilot';
}

const COOLDOWN_S = 300;
const HIGH_POINTS = 3;
const LOW_POINTS = 15;
/** "Usually more than 10 %" below the target. */
const LOW_FACTOR = 0.9;

export function targetTracking({ target, lag, min, max, ratio = 'math' }: TargetTrackingSettings): Peer {
  let outUntil = Number.NEGATIVE_INFINITY;
  let inUntil = Number.NEGATIVE_INFINITY;
  let base = 0;

  const look = ({ now, desired, running, minutes }: PeerView): number | undefined => {
    const points = minutes().flatMap(({ visible, running }) =>
      ratio === 'copilot' ? [Math.ceil(visible / Math.max(1, running))] : running > 0 ? [visible / running] : [],
    );
    const last = points.at(-1);
    if (last === undefined) return undefined;
    if (running === 0) return desired === 0 && last > target ? Math.max(1, min) : undefined;
    const high = points.slice(-HIGH_POINTS);
    if (high.length === HIGH_POINTS && high.every((x) => x > target)) {
      // During the cooldown, capacity that was added already counts towards the next scale-out.
      const count = Math.min(max, Math.ceil(((now < outUntil ? base : running) * last) / target));
      if (count <= desired) return undefined;
      if (now >= outUntil) base = running;
      outUntil = now + COOLDOWN_S;
      inUntil = Number.NEGATIVE_INFINITY;
      return count;
    }
    const low = points.slice(-LOW_POINTS);
    if (low.length === LOW_POINTS && low.every((x) => x < LOW_FACTOR * target) && now >= inUntil) {
      const count = Math.max(min, Math.ceil((running * last) / target));
      const wouldFlap = count > 0 && (last * running) / count > target;
      if (count >= desired || wouldFlap) return undefined;
      inUntil = now + COOLDOWN_S;
      return count;
    }
    return undefined;
  };
  return {
    name: ratio === 'copilot' ? 'aws-copilot' : 'aws-target-tracking',
    settings: `backlog per task ${target}, lag ${lag} s`,
    lag,
    loops: [{ every: 60, look }],
  };
}
