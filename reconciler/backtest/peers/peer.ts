import type { MinutePoint } from '../cloudwatch.ts';

/** The present, as a peer may see it. Times are seconds; counts are those of GetQueueAttributes. */
export interface PeerView {
  now: number;
  visible: number;
  inFlight: number;
  delayed: number;
  desired: number;
  /** Tasks that run or start. */
  existing: number;
  running: number;
  /** Returns the CloudWatch points that can be read now, latest last. */
  minutes: () => readonly MinutePoint[];
}

/** One of a peer's loops: every so many seconds it reads the present and may set the desired count. */
export interface PeerLoop {
  every: number;
  look: (view: PeerView) => number | undefined;
}

/** A model of another autoscaler, true to its published code or documents. Each run makes a new one: it keeps state. */
export interface Peer {
  /** Its name, such as `keda`. */
  name: string;
  /** Its settings, for the report. */
  settings: string;
  loops: PeerLoop[];
  /** Seconds after a minute until it can read the point; default: the plant's lag. */
  lag?: number;
}

export const clamp = (count: number, min: number, max: number): number => Math.min(max, Math.max(min, count));
