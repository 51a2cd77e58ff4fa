import type { PolicyEvent } from './policy-event.ts';
import type { TickRecord } from './tick.ts';

/** A tick that broke off where nothing should break: a defect of Sluice, reported and survived. */
export interface BrokenTick {
  kind: 'broken';
  name: string;
  error: unknown;
}

/** Everything that the loop tells its reporters. */
export type PipelineEvent = TickRecord | BrokenTick | { kind: 'spec'; change: PolicyEvent };

/** Returns the name of the policy that an event is about. */
export function policyNameOf(event: PipelineEvent): string {
  if (event.kind === 'tick') return event.decision.policy;
  return event.kind === 'spec' ? event.change.name : event.name;
}
