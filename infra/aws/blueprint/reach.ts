/** The grants of a stack, apart from everything that follows from its own name. */
import type { Home } from './arns.ts';
import type { Paths } from './names.ts';
import type { Scope } from './permissions/scope.ts';

export interface Reach extends Pick<Scope, 'queues' | 'deadLetters' | 'services'> {
  faults: Omit<Scope['faults'], 'flagPrefix'> & { flags: boolean };
  /** Whether a queue of change events wakes the reconciler. */
  wakeUp: boolean;
  countOnly: boolean;
}

/** The names that follow from the stack's own. */
export interface Place {
  home: Home;
  paths: Paths;
  wakeQueue: string;
  /** None for one reconciler without a lease. */
  leaseTable?: string | undefined;
}

/** Returns the scope of a reconciler that keeps its parameters at `paths`. */
export function scopeFrom(
  { queues, deadLetters, services, faults, wakeUp, countOnly }: Reach,
  { home, paths, wakeQueue, leaseTable }: Place,
): Scope {
  const { flags, ...others } = faults;
  return {
    ...home,
    prefix: paths.policies,
    statusPrefix: paths.status,
    requestsPrefix: paths.requests,
    heartbeat: paths.heartbeat,
    queues,
    deadLetters,
    services,
    faults: { ...others, ...(flags ? { flagPrefix: paths.flags } : {}) },
    countOnly,
    ...(wakeUp ? { wakeQueue } : {}),
    ...(leaseTable === undefined ? {} : { leaseTable }),
  };
}
