/** Defines what the roles of a stack may reach, and makes the ARNs of it. */
import type { Condition } from './policy-document.ts';

/** The name of one ECS service. `*` may end either part, for policies that are written after the stack is up. */
export interface ServiceName {
  cluster: string;
  service: string;
}

/** The chaos faults that the stack allows. IAM refuses the others, whatever a policy document says. */
export interface Faults {
  stopTask: boolean;
  /** A Deny statement in the queue's policy. Off by default: the grant covers all attributes of the queue. */
  queuePolicy: boolean;
  /** The subnets that UpdateService may name when it swaps security groups. An empty list switches the fault off. */
  securityGroupSubnets: string[];
  /** The path below which a fault may write the flags that workers poll, such as `/sluice/flags/`. */
  flagPrefix?: string;
  /** The CloudWatch alarms that may stop an experiment (`stopWhen`). */
  alarms: string[];
}

/** The place of all ARNs of a stack. */
export interface Home {
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
  region: string;
  /** Twelve digits. */
  accountId: string;
}

/** Everything that the reconciler may reach. */
export interface Scope extends Home {
  /** Parameter paths; each starts and ends in a slash. */
  prefix: string;
  statusPrefix: string;
  requestsPrefix: string;
  /** Queue names; `*` may end one. */
  queues: string[];
  /** The names of their dead-letter queues, whose depth experiments report. */
  deadLetters: string[];
  services: ServiceName[];
  faults: Faults;
  /** The name of the queue of change events. */
  wakeQueue?: string;
}

/** Returns functions that make ARNs of one account and Region from names. */
export function arnsOf({ partition, region, accountId }: Home) {
  const of = (service: string, rest: string): string => `arn:${partition}:${service}:${region}:${accountId}:${rest}`;
  return {
    queue: (name: string): string => of('sqs', name),
    cluster: (name: string): string => of('ecs', `cluster/${name}`),
    service: ({ cluster, service }: ServiceName): string => of('ecs', `service/${cluster}/${service}`),
    tasks: (cluster: string): string => of('ecs', `task/${cluster}/*`),
    /** Does not double the leading slash: `/a/b` becomes `parameter/a/b`. */
    parameter: (name: string): string => of('ssm', `parameter${name}`),
    alarm: (name: string): string => of('cloudwatch', `alarm:${name}`),
  };
}

/** Returns the condition that a call stays within these clusters. */
export const inClusters = (clusters: string[]): Condition => ({ ArnLike: { 'ecs:cluster': clusters } });

/** Returns the clusters of services, each one once. */
export const clustersOf = (services: readonly ServiceName[]): string[] => [...new Set(services.map((s) => s.cluster))];
