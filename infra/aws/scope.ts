/** Derives from the configuration of a stack the names of everything else. */
import type { Home, Scope } from './blueprint/reach.ts';
import type { PolicyParameter } from './components/parameters.ts';
import type { StackConfig } from './config.ts';

/** Returns the names of the demo: queues, service, and the flag that its workers poll if the fault is allowed. */
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

/** Returns the policies that the stack puts: those of its configuration and that of the demo. */
export function namedPolicies(name: string, cluster: string, config: StackConfig): PolicyParameter[] {
  const { demo, policies } = config;
  if (!demo) return policies;
  const { queueName: queue, deadLetters, service } = demoNames(name, config);
  const { minWorkers, maxWorkers } = demo;
  const own = { name: 'demo', starter: 'threshold', queue, deadLetters, cluster, service, minWorkers, maxWorkers };
  return [...policies, own];
}

/** Returns what the role of the reconciler may reach: the names in the stack's policies and in its configuration. */
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
