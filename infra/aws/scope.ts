/** From a stack's configuration to the names that everything else is made of. */

import type { Home, Scope } from './blueprint/permissions/reconciler.ts';
import type { PolicyParameter } from './components/parameters.ts';
import type { StackConfig } from './config.ts';

/** Names of the demo's queue and, where the fault is allowed, of the flag that its workers poll. */
export function demoNames(name: string, { demo, faults, flagPrefix }: StackConfig) {
  const kind = demo?.fifo ? '.fifo' : '';
  const queueName = `${name}-jobs${kind}`;
  const deadLetters = `${name}-jobs-dead${kind}`;
  return {
    queueName,
    deadLetters,
    service: `${name}-demo`,
    ...(faults.flags ? { flag: `${flagPrefix}${name}-demo` } : {}),
  };
}

/** The policies that the stack puts: those of its configuration, and the demo's. */
export function namedPolicies(name: string, cluster: string, config: StackConfig): PolicyParameter[] {
  const { demo, policies } = config;
  if (!demo) return policies;
  const { queueName: queue, deadLetters, service } = demoNames(name, config);
  const { minWorkers, maxWorkers } = demo;
  const own = { name: 'demo', starter: 'threshold', queue, deadLetters, cluster, service, minWorkers, maxWorkers };
  return [...policies, own];
}

/** What the reconciler's role may reach: what the stack's policies name, and what the configuration adds. */
export function scopeOf(name: string, cluster: string, config: StackConfig, home: Home, subnets: string[]): Scope {
  const policies = namedPolicies(name, cluster, config);
  const { stopTask, queuePolicy, securityGroup, flags, alarms } = config.faults;
  const services = [...policies.map((p) => ({ cluster: p.cluster, service: p.service })), ...config.services];
  return {
    ...home,
    prefix: config.prefix,
    statusPrefix: config.statusPrefix,
    requestsPrefix: config.requestsPrefix,
    queues: [...new Set([...policies.map((p) => p.queue), ...config.queues])],
    deadLetters: [...new Set(policies.flatMap((p) => p.deadLetters ?? []))],
    services: [...new Map(services.map((s) => [`${s.cluster}/${s.service}`, s])).values()],
    faults: {
      stopTask,
      queuePolicy,
      securityGroupSubnets: securityGroup === true ? subnets : securityGroup || [],
      alarms,
      ...(flags ? { flagPrefix: config.flagPrefix } : {}),
    },
    ...(config.wakeUp ? { wakeQueue: `${name}-changes` } : {}),
  };
}
