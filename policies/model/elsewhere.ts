import type { Instant } from './observation.ts';

/** A change of the desired count that Sluice did not make. `at` is when it was seen. */
export interface ChangedElsewhere {
  from: number;
  to: number;
  at: Instant;
}

/** The desired count that Sluice knows of: last seen, or last set. Another count is somebody else's change. */
export interface KnownCount {
  /** Cluster and name of the service. A policy that turns to another service knows nothing of its count. */
  service: string;
  count: number;
  /** The count before Sluice's last change. ECS may show it until this time: descriptions follow a change within seconds. */
  former?: [count: number, until: Instant];
  /** Counts of failed writes. Such a write may have been performed although its reply was lost. */
  possible?: [count: number, until: Instant][];
  /** The last change by others that no count of Sluice's own has followed. */
  unanswered?: ChangedElsewhere;
  /** The last change by others. Cooldowns that began before it hold nothing back. */
  last?: ChangedElsewhere;
  /** Times of the changes by others in the last ten minutes, oldest first. */
  recent?: Instant[];
}
