/** The names of a stack's things. Each holds the stack's name, so that two stacks share one account and Region. */

/** A stack's parameter paths; each starts and ends in a slash. */
export interface Paths {
  policies: string;
  status: string;
  requests: string;
  flags: string;
  /** The name of one parameter: the heartbeat of the reconciler. */
  heartbeat: string;
  /** The name of one parameter: the bearer token. */
  token: string;
}

/** Returns the path below which a stack keeps its parameters. `stack` is `prod`, not `sluice-prod`. */
export const rootOf = (stack: string): string => `/sluice/${stack}/`;

/** Returns the parameter paths below a root, which starts and ends in a slash. */
export function pathsOf(root: string): Paths {
  return {
    policies: `${root}policies/`,
    status: `${root}status/`,
    requests: `${root}requests/`,
    flags: `${root}flags/`,
    heartbeat: `${root}reconciler`,
    token: `${root}token`,
  };
}

export interface EnvironmentOptions {
  paths: Paths;
  logLevel: string;
  namespace: string;
  /** Six more metrics for each policy. */
  policyMetrics?: boolean;
  /** Name of the DynamoDB table that holds the lease. */
  leaseTable: string;
  /** URL of the queue of change events. */
  wakeQueue?: string | undefined;
  /** An endpoint instead of AWS's own. */
  endpoint?: string | undefined;
}

/** Returns the settings of `sluice run` as a container's variables. */
export function environmentOf(options: EnvironmentOptions): Record<string, string> {
  const { paths, logLevel, namespace, policyMetrics, leaseTable, wakeQueue, endpoint } = options;
  return {
    ...commandEnvironment(paths),
    SLUICE_LOG_LEVEL: logLevel,
    SLUICE_EMF: namespace,
    SLUICE_LEASE_TABLE: leaseTable,
    ...(policyMetrics ? { SLUICE_POLICY_METRICS: 'yes' } : {}),
    ...(wakeQueue === undefined ? {} : { SLUICE_WAKE_QUEUE: wakeQueue }),
    ...(endpoint === undefined ? {} : { AWS_ENDPOINT_URL: endpoint }),
  };
}

/** Returns the variables that point commands such as `sluice status` at the parameters of a stack. */
export function commandEnvironment({ policies, status, requests }: Paths): Record<string, string> {
  return { SLUICE_PREFIX: policies, SLUICE_STATUS_PREFIX: status, SLUICE_REQUESTS_PREFIX: requests };
}
