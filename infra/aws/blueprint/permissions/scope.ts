/** The things that the reconciler of a stack may reach, by name. */
import type { Home, ServiceName } from '../arns.ts';

/** The chaos faults that the stack allows. IAM refuses each one that is off, whatever a policy document says. */
export interface Faults {
  stopTask: boolean;
  /** A Deny statement in the queue's policy. Off by default: the grant reaches all of the queue's attributes. */
  queuePolicy: boolean;
  /** The subnets that UpdateService may name while it swaps security groups; none switches the fault off. */
  securityGroupSubnets: string[];
  /** The path below which a fault may write the flags that workers poll, such as `/sluice/prod/flags/`. */
  flagPrefix?: string;
  /** Whether a CloudWatch alarm may stop an experiment (`stopWhen`). */
  alarms: boolean;
}

export interface Scope extends Home {
  /** Parameter paths; each starts and ends in a slash. */
  prefix: string;
  statusPrefix: string;
  requestsPrefix: string;
  /** The name of the heartbeat parameter. */
  heartbeat: string;
  /** Queue names; `*` may end one. */
  queues: string[];
  /** Names of their dead-letter queues, whose depth experiments report. */
  deadLetters: string[];
  services: ServiceName[];
  faults: Faults;
  /** Name of the queue of change events. */
  wakeQueue?: string;
  /** Name of the DynamoDB table that holds the lease; without one there is no lease. */
  leaseTable?: string;
  /** False leaves UpdateService without the refusals of `count-only.ts`. */
  countOnly?: boolean;
}

export const unique = (values: readonly string[]): string[] => [...new Set(values)];
