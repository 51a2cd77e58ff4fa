import type { NetworkState } from './observation.ts';

/** Which experiment's run makes a write, and on which way. What takes a fault back is made in every mode. */
export interface ByRun {
  run: string;
  purpose: 'inject' | 'revert';
}

/** The closed union of everything Sluice may write to the workers' world. A new kind is a new member here, nowhere else. */
export type Action =
  | ({ kind: 'UpdateService'; desiredCount: number; from: number } & Partial<ByRun>)
  | ({ kind: 'StopTask'; taskArn: string; reason: string } & ByRun)
  /** One statement more in the queue's policy; others stay byte for byte. */
  | ({ kind: 'DenyQueue'; sid: string; statement: string } & ByRun)
  | ({ kind: 'AllowQueue'; sid: string; force: boolean } & ByRun)
  | ({ kind: 'SwapSecurityGroups'; network: NetworkState; from: readonly string[] } & ByRun)
  | ({ kind: 'SetFlag'; parameter: string; value: string } & ByRun);

/** What became of an action. `skipped` is an action that was planned and deliberately not made (observe mode). */
export type ActionResult =
  | { action: Action; outcome: 'applied' | 'skipped' }
  | { action: Action; outcome: 'failed'; code: string; message: string; hint?: string };

/** An action in the words of the log and of `sluice plan`. */
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
