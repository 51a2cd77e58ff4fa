import type { Action } from '../model/action.ts';

/** Returns an action as the log and `sluice plan` print it. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case 'UpdateService':
      return `UpdateService desiredCount ${action.from} -> ${action.desiredCount}`;
    case 'StopTask':
      return `StopTask ${action.taskArn.split('/').at(-1)} (${action.reason})`;
    case 'DenyQueue':
      return `SetQueueAttributes: add statement ${action.sid}`;
    case 'AllowQueue':
      return `SetQueueAttributes: remove statement ${action.sid}`;
    case 'SwapSecurityGroups':
      return `UpdateService security groups ${action.from.join(', ')} -> ${action.network.securityGroups.join(', ')}`;
    case 'SetFlag':
      return `PutParameter ${action.parameter} = ${action.value}`;
  }
}
