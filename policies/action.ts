/** The closed union of everything Sluice may write to the workers' world. A new kind is a new member here, nowhere else. */
export type Action =
  | { kind: 'UpdateService'; desiredCount: number; from: number }
  | { kind: 'StopTask'; taskArn: string; reason: string };

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
  }
}
