/** Says in sentences what an experiment will do to the service, before somebody runs it. */
import { counted, duration } from './format.js';

const PARTITIONS = {
  queuePolicy: 'Adds a Deny statement to the queue\u2019s policy, so that workers cannot receive messages',
  securityGroup: 'Swaps the service\u2019s security groups, so that workers lose the network',
  processingFlag: 'Sets a parameter that tells workers to stop processing',
};

/** Returns sentences about a fault on a service of `desired` workers. Durations are milliseconds. */
export function effectOf(fault, desired) {
  const have =
    desired === undefined ? 'The number of workers is not known now.' : `Now: ${counted(desired, 'worker')}.`;
  if (fault.type === 'drain')
    return [
      `Sets the desired count to 0: all workers stop, and no message is processed for ${duration(fault.hold)} or longer.`,
      `${have} Sluice then restores the count that the scaling rules ask for.`,
    ];
  if (fault.type === 'stopTask') {
    const part = fault.percent === undefined ? counted(fault.count ?? 1, 'task') : `${fault.percent} % of the tasks`;
    return [`Stops ${part} with StopTask; messages in their hands are redelivered.`, `${have} ECS replaces the tasks.`];
  }
  if (fault.type === 'partition')
    return [
      `${PARTITIONS[fault.method] ?? 'Cuts workers off from the queue'} for ${duration(fault.duration)}.`,
      `${have} Sluice then puts everything back as it was.`,
    ];
  return [`Injects the fault ${fault.type}. ${have}`];
}
