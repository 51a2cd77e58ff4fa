/** From a stack's configuration to the names that everything else is made of, and to the documents of its roles. */
import { SOMEWHERE } from './blueprint/arns.ts';
import { type Paths, pathsOf, rootOf } from './blueprint/names.ts';
import { reconcilerPermissions, reconcilerRefusals, type Scope } from './blueprint/permissions/reconciler.ts';
import { executionPermissions, workerPermissions } from './blueprint/permissions/tasks.ts';
import { scopeFrom } from './blueprint/reach.ts';
import { type RolePolicies, rolePolicies } from './blueprint/role-policies.ts';
import type { PolicyParameter } from './components/parameters.ts';
import type { StackConfig } from './config.ts';

/** The names of one stack. */
export interface Names {
  /** As Pulumi knows it, such as `prod`. */
  stack: string;
  /** The stem of every resource's name, such as `sluice-prod`. */
  name: string;
  cluster: string;
  paths: Paths;
  logGroup: string;
  /** The namespace of the stack's metrics. */
  namespace: string;
  /** The queue of change events. */
  wakeQueue: string;
  /** The DynamoDB table that holds the lease. */
  leaseTable: string;
}

export function namesOf(stack: string, config: StackConfig): Names {
  const name = `sluice-${stack}`;
  return {
    stack,
    name,
    cluster: config.cluster ?? name,
    paths: pathsOf(config.root ?? rootOf(stack)),
    logGroup: `/sluice/${name}`,
    namespace: config.metricsNamespace ?? `Sluice/${stack}`,
    wakeQueue: `${name}-changes`,
    leaseTable: `${name}-leases`,
  };
}

/** Returns the names of the demo: queues, service and, where the fault is allowed, the flag that its workers poll. */
export function demoNames({ name, paths }: Names, { demo, faults }: StackConfig) {
  const kind = demo?.fifo ? '.fifo' : '';
  return {
    queueName: `${name}-jobs${kind}`,
    deadLetters: `${name}-jobs-dead${kind}`,
    service: `${name}-demo`,
    ...(faults.flags ? { flag: `${paths.flags}${name}-demo` } : {}),
  };
}

/** Returns the policies that the stack puts: those of its configuration, and the demo's. */
export function namedPolicies(names: Names, config: StackConfig): PolicyParameter[] {
  const { demo, policies } = config;
  if (!demo) return policies;
  const { cluster } = names;
  const { queueName: queue, deadLetters, service } = demoNames(names, config);
  const { minWorkers, maxWorkers } = demo;
  const own = { name: 'demo', starter: 'threshold', queue, deadLetters, cluster, service, minWorkers, maxWorkers };
  return [...policies, own];
}

/** Stands for the n-th subnet of a network that is not made yet. It is as long as a real id. */
const futureSubnet = (n: number): string => `(subnet-to-be-made-${String(n).padStart(4, '0')})`;

/** Returns the document with real ids in the places of subnets that were not made yet. */
export const withSubnets = (document: string, ids: readonly string[]): string =>
  ids.reduce((text, id, n) => text.replaceAll(futureSubnet(n), id), document);

/**
 * Returns everything that the reconciler's role may reach, in no particular account: the names in the stack's policies,
 * and those that the configuration adds.
 */
export function scopeOf(names: Names, config: StackConfig): Scope {
  const policies = namedPolicies(names, config);
  const { securityGroup, ...faults } = config.faults;
  const services = [...policies.map((p) => ({ cluster: p.cluster, service: p.service })), ...config.services];
  const subnets = config.network?.subnetIds ?? [futureSubnet(0), futureSubnet(1)];
  return scopeFrom(
    {
      queues: [...new Set([...policies.map((p) => p.queue), ...config.queues])],
      deadLetters: [...new Set(policies.flatMap((p) => p.deadLetters ?? []))],
      services: [...new Map(services.map((s) => [`${s.cluster}/${s.service}`, s])).values()],
      faults: { ...faults, securityGroupSubnets: securityGroup === true ? subnets : securityGroup || [] },
      wakeUp: config.wakeUp,
      countOnly: config.countOnly,
    },
    { home: SOMEWHERE, paths: names.paths, wakeQueue: names.wakeQueue, leaseTable: names.leaseTable },
  );
}

/** The documents of every role of a stack. */
export interface Roles {
  reconciler: RolePolicies;
  execution: RolePolicies;
  worker: RolePolicies;
  workerExecution: RolePolicies;
}

/**
 * Returns the documents of the stack's roles. `secrets` says whether the reconciler starts with a token.
 * @throws Error when one passes IAM's limits
 */
export function rolesOf(names: Names, config: StackConfig, secrets: boolean): Roles {
  const scope = scopeOf(names, config);
  const { repositoryArn, kmsKeyArn } = config;
  const execution = (secretParameters: string[]): RolePolicies =>
    rolePolicies(
      executionPermissions(SOMEWHERE, { logGroup: names.logGroup, secretParameters, repositoryArn, kmsKeyArn }),
    );
  const { queueName: queue, flag } = demoNames(names, config);
  return {
    reconciler: rolePolicies(reconcilerPermissions(scope), reconcilerRefusals(scope)),
    execution: execution(secrets ? [names.paths.token] : []),
    worker: rolePolicies(workerPermissions(SOMEWHERE, { queue, cluster: names.cluster, ...(flag ? { flag } : {}) })),
    workerExecution: execution([]),
  };
}
