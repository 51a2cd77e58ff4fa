import type { MinutePoint } from '../cloudwatch.ts';

/** The facts that a peer may look at, true at this moment (seconds). Counts are as GetQueueAttributes gives them. */
export interface PeerView {
  now: number;
  visible: number;
  inFlight: number;
  delayed: number;
  desired: number;
  /** Tasks that run or start. */
  existing: number;
  running: number;
  /** The minute points of CloudWatch that can be read now, latest last. */
  minutes: () => MinutePoint[];
}

/** One of a peer's loops: every so many seconds it looks, and may set the desired count. */
export interface PeerLoop {
  every: number;
  look: (view: PeerView) => number | undefined;
}

/** A model of another autoscaler, true to its published code or documents. Made afresh for each run: it keeps state. */
export interface Peer {
  /** Its name, such as `keda`. */
  name: string;
  /** The settings, for the report. */
  settings: string;
  loops: PeerLoop[];
  /** Seconds until it can read a minute's point, when that is not the plant's lag. */
  lag?: number;
}

export const clamp = (count: number, min: number, max: number): number => Math.min(max, Math.max(min, count));
