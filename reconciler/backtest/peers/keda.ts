/**
 * KEDA's aws-sqs-queue scaler with the Kubernetes HPA. Laws from pkg/scalers/aws_sqs_queue_scaler.go and
 * pkg/scaling/executor (kedacore/keda), and pkg/controller/podautoscaler (kubernetes/kubernetes).
 */
import { clamp, type Peer, type PeerView } from './peer.ts';

export interface KedaSettings {
  /** `queueLength`: messages for each replica. KEDA's default is 5. */
  queueLength: number;
  /** Whether the HPA has a `behavior` section. KEDA adds none unless the user writes one. */
  behavior: 'absent' | 'present';
  min: number;
  max: number;
}

const POLL_S = 30; // pollingInterval: drives 0 <-> 1 only.
const COOLDOWN_S = 300; // cooldownPeriod: applies to going to 0 only.
const SYNC_S = 15; // --horizontal-pod-autoscaler-sync-period
const TOLERANCE = 0.1;
const WINDOW_S = 300; // --horizontal-pod-autoscaler-downscale-stabilization
const RATE_PERIOD_S = 15;

export function keda({ queueLength, behavior, min, max }: KedaSettings): Peer {
  const hpa = new Hpa({ queueLength, behavior, min: Math.max(1, min), max });
  let lastActive: number | undefined;
  return {
    name: 'keda',
    settings: `queueLength ${queueLength}, behavior ${behavior}`,
    loops: [
      {
        every: POLL_S,
        look: ({ now, visible, inFlight, desired }) => {
          if (visible + inFlight > 0) {
            lastActive = now;
            return desired === 0 ? Math.max(1, min) : undefined;
          }
          if (desired > 0 && min === 0 && (lastActive === undefined || now - lastActive > COOLDOWN_S)) return 0;
          return desired < min ? min : undefined;
        },
      },
      { every: SYNC_S, look: (view) => hpa.sync(view) },
    ],
  };
}

/** The HPA's controller for one external metric of type AverageValue. */
export class Hpa {
  readonly #settings: KedaSettings;
  #recommendations: { at: number; count: number }[] = [];
  #changes: { at: number; by: number }[] = [];

  constructor(settings: KedaSettings) {
    this.#settings = settings;
  }

  /** Makes one sync and returns the count to set; undefined when it stays. */
  sync({ now, visible, inFlight, desired, existing }: PeerView): number | undefined {
    const { queueLength, behavior, min, max } = this.#settings;
    if (desired === 0 || existing === 0) return undefined;
    if (desired > max) return max;
    if (desired < min) return min;
    if (this.#recommendations.length === 0) this.#recommendations.push({ at: now, count: desired });
    const metric = visible + inFlight;
    const ratio = metric / (queueLength * existing);
    const wanted = Math.abs(1 - ratio) <= TOLERANCE ? existing : Math.ceil(metric / queueLength);
    const to = behavior === 'absent' ? this.#absent(wanted, now, desired) : this.#present(wanted, now, desired);
    return to === desired ? undefined : to;
  }

  /** Without a section the maximum of the window also limits scale-ups; each sync at most doubles the count (or sets 4). */
  #absent(wanted: number, now: number, desired: number): number {
    const { min, max } = this.#settings;
    const kept = this.#recommendations.filter(({ at }) => now - at <= WINDOW_S);
    const highest = Math.max(wanted, ...kept.map(({ count }) => count));
    this.#recommendations = [...kept, { at: now, count: wanted }];
    return clamp(highest, min, Math.min(max, Math.max(2 * desired, 4)));
  }

  /** With a section: up at once, by at most 4 pods or 100 % in 15 s; down to the maximum of the window, without a limit. */
  #present(wanted: number, now: number, desired: number): number {
    const { min, max } = this.#settings;
    const kept = this.#recommendations.filter(({ at }) => now - at < WINDOW_S);
    const highest = Math.max(wanted, ...kept.map(({ count }) => count));
    this.#recommendations = [...kept, { at: now, count: wanted }];
    const stabilised = clamp(desired, wanted, highest);
    this.#changes = this.#changes.filter(({ at }) => now - at < RATE_PERIOD_S);
    const start = desired - this.#changes.reduce((sum, { by }) => sum + by, 0);
    const limit = Math.max(start + 4, Math.ceil(start * 2), desired);
    const to = stabilised > desired ? Math.min(stabilised, max, limit) : Math.max(stabilised, min);
    if (to !== desired) this.#changes.push({ at: now, by: to - desired });
    return to;
  }
}
