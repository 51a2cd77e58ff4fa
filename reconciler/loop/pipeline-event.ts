import type { Instant } from '../../policies/model/observation.ts';
import type { PolicyEvent } from './policy-event.ts';
import type { TickRecord } from './tick.ts';

/** A tick that broke off where nothing should break: a defect of Sluice, reported and survived. */
export interface BrokenTick {
  kind: 'broken';
  name: string;
  error: unknown;
}

/** A policy was not evaluated for much longer than its interval, because the process stood still. Epoch milliseconds. */
export interface Gap {
  kind: 'gap';
  name: string;
  since: Instant;
  until: Instant;
}

/** Everything that the loop tells its reporters. */
export type PipelineEvent = TickRecord | BrokenTick | Gap | { kind: 'spec'; change: PolicyEvent };

/** Returns the name of the policy that an event is about. */
export function policyNameOf(event: PipelineEvent): string {
  if (event.kind === 'tick') return event.decision.policy;
  return event.kind === 'spec' ? event.change.name : event.name;
}
