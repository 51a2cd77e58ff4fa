import type { Leadership } from '../lead/leadership.ts';
import { LONGEST_BACKOFF_MS } from '../loop/backoff.ts';
import { TICK_TIMEOUT_MS } from '../loop/tick.ts';
import type { Live } from './live.ts';

export interface Health {
  ok: boolean;
  reasons: string[];
  /** Who acts for the prefix. A standby is as ready as the leader: it shows the page and takes over. */
  reconciler?: Leadership;
}

const LEAST_WATCH_PATIENCE_MS = 60_000;

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;

/**
 * Returns whether the process lives: the watch has looked, and each policy has ticked, as lately as back-offs and time
 * limits allow. Failures of AWS do not count, since a restart does not heal them.
 */
export function liveness({ board, lookedAt }: Live, pollInterval: number, now: number): Health {
  const reasons: string[] = [];
  const idle = now - lookedAt();
  if (idle > Math.max(LEAST_WATCH_PATIENCE_MS, 4 * pollInterval))
    reasons.push(`the watch last looked ${seconds(idle)} ago`);
  for (const { name, lastTickAt, interval } of board.policies.values()) {
    if (lastTickAt === undefined || interval === undefined) continue;
    const patience = Math.max(LONGEST_BACKOFF_MS, interval) + 2 * interval + 2 * TICK_TIMEOUT_MS;
    if (now - lastTickAt > patience) reasons.push(`${name} last ticked ${seconds(now - lastTickAt)} ago`);
  }
  return { ok: reasons.length === 0, reasons };
}

/** Returns whether the process is ready: policies were read, and AWS answers. */
export function readiness({ polledAt, watchFailure, leadership }: Live): Health {
  const failure = watchFailure();
  const reasons = failure
    ? [`policies could not be read: ${failure.message}`]
    : polledAt() === undefined
      ? ['policies were not read yet']
      : [];
  return { ok: reasons.length === 0, reasons, reconciler: leadership() };
}
