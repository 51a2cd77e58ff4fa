import type { Instant } from './observation.ts';

/** A policy's claim on a service. Of several policies that name one service, the one with the oldest claim owns it. */
export interface Claim {
  /** Cluster and name of the service. */
  service: string;
  /** When the policy first named the service. */
  since: Instant;
}
