import type { NetworkState } from './observation.ts';

/** Marks a write as one of an experiment's run. Reverting writes are made in every mode. */
export interface ByRun {
  run: string;
  purpose: 'inject' | 'revert';
}

/** The closed union of all writes that Sluice makes for a policy. A new kind of write is a new member here. */
export type Action =
  /** Sets the desired count. A scale-in must not be sent once the readings that it rests on are too old. */
  | ({ kind: 'UpdateService'; desiredCount: number; from: number } & Partial<ByRun>)
  | ({ kind: 'StopTask'; taskArn: string; reason: string } & ByRun)
  /** Adds one statement to the queue's policy; the others stay byte for byte. */
  | ({ kind: 'DenyQueue'; sid: string; statement: string } & ByRun)
  /** Removes that statement. `force`: the policy is written even if it does not hold the statement. */
  | ({ kind: 'AllowQueue'; sid: string; force: boolean } & ByRun)
  /** Sets the service's network configuration, but only while the service has the security groups `from`. */
  | ({ kind: 'SwapSecurityGroups'; network: NetworkState; from: readonly string[] } & ByRun)
  /** Sets a parameter; with `onlyIf`, only while the parameter has that value. */
  | ({ kind: 'SetFlag'; parameter: string; value: string; onlyIf?: string } & ByRun);

/** The result of an action. `skipped`: the action was planned and, in observe mode, deliberately not made. */
export type ActionResult =
  | { action: Action; outcome: 'applied' | 'skipped' }
  | { action: Action; outcome: 'failed'; code: string; message: string; hint?: string };
