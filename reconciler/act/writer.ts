import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Action } from '../../policies/model/action.ts';
import type { Instant } from '../../policies/model/observation.ts';
import type { Clients } from '../aws/clients.ts';

/** All that a write may depend on beside its action. */
export interface WriteContext {
  policy: WorkerPolicy;
  now: () => Instant;
  /** When the oldest reading was taken that the decision rests on; without it the age is not judged. */
  evidenceAt?: Instant | undefined;
  signal?: AbortSignal;
}

/** Makes one kind of write. Rejects with what AWS threw, or with why nothing was written. */
export type Writer<K extends Action['kind']> = (
  aws: Clients,
  action: Extract<Action, { kind: K }>,
  context: WriteContext,
) => Promise<unknown>;
