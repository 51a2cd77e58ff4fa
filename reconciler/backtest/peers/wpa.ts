/** practo/k8s-worker-pod-autoscaler (WPA): backlog over a target, with a floor from an arrival rate some minutes old. */
import { clamp, type Peer } from './peer.ts';

export interface WpaSettings {
  /** targetMessagesPerWorker. */
  target: number;
  /** secondsToProcessOneJob. */
  secondsPerJob: number;
  min: number;
  max: number;
}

const SYNC_S = 20;
const HOLD_S = 600; // No scale-down this long after any change.
const TOLERANCE = 0.1;
/** The sent rate is the mean of these minutes before now: [now - 10 min, now - 5 min]. */
const RATE_WINDOW_S = [600, 300] as const;

export interface WpaLook {
  queue: number;
  workers: number;
  /** Messages sent per minute. */
  sentPerMinute: number;
  /** True when nothing is queued and nothing was received for a long time. */
  allIdle: boolean;
}

/** Returns the count that WPA's controller asks for (GetDesiredWorkers in pkg/controller/controller.go). */
export function wpaCount({ queue, workers, sentPerMinute, allIdle }: WpaLook, settings: WpaSettings): number {
  const { target, secondsPerJob, min, max } = settings;
  const floor = secondsPerJob > 0 ? Math.max(min, Math.ceil((secondsPerJob * sentPerMinute) / 60)) : min;
  const bounded = (count: number): number => (floor >= max ? max : clamp(count, floor, max));
  const wanted = Math.ceil(queue / target);
  if (workers === 0) return bounded(wanted);
  if (queue > 0) return bounded(Math.abs(wanted - workers) / workers <= TOLERANCE ? workers : wanted);
  if (sentPerMinute > 0 && secondsPerJob > 0) return bounded(floor);
  if (allIdle) return min;
  return bounded(floor);
}

export function wpa(settings: WpaSettings): Peer {
  let lastChange = Number.NEGATIVE_INFINITY;
  return {
    name: 'wpa',
    settings: `target ${settings.target}, ${settings.secondsPerJob} s a job`,
    loops: [
      {
        every: SYNC_S,
        look: ({ now, visible, inFlight, desired, minutes }) => {
          const points = minutes();
          const window = points.filter(({ end }) => end > now - RATE_WINDOW_S[0] && end <= now - RATE_WINDOW_S[1]);
          const sent = window.reduce((sum, p) => sum + p.sent, 0) / Math.max(1, window.length);
          const recent = points.filter(({ end }) => end > now - 1_200 && end <= now - 600);
          const allIdle = visible + inFlight === 0 && recent.length > 0 && recent.every((p) => p.received === 0);
          const look = { queue: visible + inFlight, workers: desired, sentPerMinute: 60 * sent, allIdle };
          const to = wpaCount(look, settings);
          if (to === desired || (to < desired && now - lastChange < HOLD_S)) return undefined;
          lastChange = now;
          return to;
        },
      },
    ],
  };
}
